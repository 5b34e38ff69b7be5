package dev.slipway.worker.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The system calls that containers may make: a list of what is allowed, in the resource
/// `system-calls.txt`, and a few that are allowed with some arguments only.
final class SeccompProfile {
  private static final String RESOURCE = "system-calls.txt";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  /// Every flag of clone that makes a namespace: mount, cgroup, UTS, IPC, user, process, network.
  private static final long NEW_NAMESPACES =
      0x20000L | 0x2000000L | 0x4000000L | 0x8000000L | 0x10000000L | 0x20000000L | 0x40000000L;

  /// Unix, IPv4, IPv6, netlink. The kernel's other families (raw packets, virtual machines, the
  /// kernel's ciphers) are where its less tested code is.
  private static final List<Long> SOCKET_FAMILIES = List.of(1L, 2L, 10L, 16L);

  /// Ask only, Linux, 32 bits wide and without address randomisation, which debuggers use.
  private static final List<Long> PERSONALITIES =
      List.of(0L, 0x8L, 0x20000L, 0x20008L, 0x40000L, 0xffffffffL);

  private SeccompProfile() {}

  /// The profile as the OCI runtime specification writes it.
  static ObjectNode load() {
    Map<String, List<String>> lists = read();
    ObjectNode profile = JSON.objectNode();
    profile.put("defaultAction", "SCMP_ACT_ERRNO");
    profile.put("defaultErrnoRet", ENOSYS);
    profile.putArray("architectures").add(architecture());
    ArrayNode rules = profile.putArray("syscalls");
    rule(rules, lists.getOrDefault("allowed", List.of()), "SCMP_ACT_ALLOW");
    rule(rules, lists.getOrDefault("refused", List.of()), "SCMP_ACT_ERRNO").put("errnoRet", EPERM);
    compare(
        rule(rules, List.of("clone"), "SCMP_ACT_ALLOW"), "SCMP_CMP_MASKED_EQ", NEW_NAMESPACES, 0);
    for (long family : SOCKET_FAMILIES) {
      compare(rule(rules, List.of("socket"), "SCMP_ACT_ALLOW"), "SCMP_CMP_EQ", family, 0);
    }
    for (long personality : PERSONALITIES) {
      compare(rule(rules, List.of("personality"), "SCMP_ACT_ALLOW"), "SCMP_CMP_EQ", personality, 0);
    }
    return profile;
  }

  private static ObjectNode rule(ArrayNode rules, List<String> names, String action) {
    ObjectNode rule = rules.addObject();
    ArrayNode array = rule.putArray("names");
    names.forEach(array::add);
    rule.put("action", action);
    return rule;
  }

  /// Compares the first argument.
  private static void compare(ObjectNode rule, String operator, long value, long second) {
    ObjectNode argument = rule.putArray("args").addObject();
    argument.put("index", 0).put("value", value).put("valueTwo", second).put("op", operator);
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64", "x86_64" -> "SCMP_ARCH_X86_64";
      case "aarch64" -> "SCMP_ARCH_AARCH64";
      default ->
          throw new IllegalStateException(
              "there is no list of system calls for the architecture " + name);
    };
  }

  private static Map<String, List<String>> read() {
    Map<String, List<String>> lists = new java.util.HashMap<>();
    try (InputStream stream = SeccompProfile.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("the resource " + RESOURCE + " is missing");
      }
      List<String> current = new ArrayList<>();
      for (String line :
          new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith("[")) {
          current = new ArrayList<>();
          lists.put(line.substring(1, line.indexOf(']')), current);
        } else if (!line.isBlank() && !line.startsWith("#")) {
          current.addAll(List.of(line.strip().split(" ")));
        }
      }
      return lists;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
