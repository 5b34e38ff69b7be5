package dev.slipway.controlplane.secret;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What may be in a secret, and what several of them are together. No sentence shows a value.
public final class VariableRules {
  /// Variables of one secret.
  public static final int MAX_VARIABLES = 1_000;

  /// Characters of a variable's name.
  public static final int MAX_NAME_LENGTH = 256;

  /// Bytes of one value, in UTF-8. The kernel starts no program with a variable of 128 KiB.
  public static final int MAX_VALUE_BYTES = 64 << 10;

  /// Bytes of the names and values that one container or build step gets. The kernel has room for 2
  /// MiB, of which programs want some for variables and arguments of their own.
  public static final int MAX_TOTAL_BYTES = 1 << 20;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");

  /// What a container knows its task, its platform and the way there by. A program that had other
  /// values here would take itself for somebody else.
  private static final Set<String> PLATFORM =
      Set.of(
          "MODAL_CLOUD_PROVIDER",
          "MODAL_CONTAINER_ARGUMENTS_PATH",
          "MODAL_ENABLE_SNAP_RESTORE",
          "MODAL_ENVIRONMENT",
          "MODAL_IDENTITY_TOKEN",
          "MODAL_IMAGE_ID",
          "MODAL_IS_REMOTE",
          "MODAL_OVERRIDE_HEADERS",
          "MODAL_REGION",
          "MODAL_SERVER_URL",
          "MODAL_TASK_ID",
          "MODAL_TASK_SECRET",
          "MODAL_TELEMETRY_SOCKET");

  private static final String PLATFORM_PREFIX = "SLIPWAY_";

  private VariableRules() {}

  /// The variables of a container.
  ///
  /// @param refused those that its secrets may not set, sorted
  public record ForContainer(SecretVariables variables, List<String> refused) {
    /// A sentence about those that are refused, when there are any.
    ///
    /// @param secrets whose they are, such as "The secrets of 'f'"
    public Optional<String> complaint(String secrets) {
      return refused.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%s may not set %s: what the platform sets there stays."
                  .formatted(secrets, String.join(", ", refused)));
    }
  }

  /// Refuses what no secret may hold.
  static void require(Map<String, String> variables) {
    if (variables.size() > MAX_VARIABLES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the secret would have %,d variables; at most %,d are accepted"
              .formatted(variables.size(), MAX_VARIABLES));
    }
    variables.forEach((name, value) -> {
      requireName(name);
      int bytes = value.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MAX_VALUE_BYTES) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "the value of %s has %,d bytes; at most %,d are accepted"
                .formatted(name, bytes, MAX_VALUE_BYTES));
      }
      if (value.indexOf('\0') >= 0) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "the value of %s has a character of code 0, which no variable can hold"
                .formatted(name));
      }
    });
    requireTotal("the secret", variables);
  }

  static void requireName(String name) {
    if (name.length() > MAX_NAME_LENGTH || !NAME.matcher(name).matches()) {
      String shown = Shown.atMost(name, 80);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' cannot be the name of a variable; up to %d letters, digits, '_', '.' or '-' are expected, and no digit, '.' or '-' at the beginning"
              .formatted(shown, MAX_NAME_LENGTH));
    }
  }

  /// What several secrets are together: where two set the same variable, the later one wins.
  static SecretVariables merge(Collection<SecretVariables> secrets) {
    Map<String, String> merged = new TreeMap<>();
    secrets.forEach(secret -> merged.putAll(secret.values()));
    requireTotal("the secrets together", merged);
    return SecretVariables.of(merged);
  }

  /// What of them a container gets: everything but what is the platform's own.
  public static ForContainer forContainer(SecretVariables variables) {
    Map<String, String> given = new TreeMap<>(variables.values());
    given.keySet().removeIf(VariableRules::isPlatforms);
    TreeSet<String> refused = new TreeSet<>(variables.values().keySet());
    refused.removeAll(given.keySet());
    return new ForContainer(SecretVariables.of(given), List.copyOf(refused));
  }

  private static boolean isPlatforms(String name) {
    return PLATFORM.contains(name) || name.startsWith(PLATFORM_PREFIX);
  }

  private static void requireTotal(String what, Map<String, String> variables) {
    long total =
        variables.entrySet().stream()
            .mapToLong(variable ->
                variable.getKey().length()
                    + variable.getValue().getBytes(StandardCharsets.UTF_8).length)
            .sum();
    if (total > MAX_TOTAL_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%s would have %,d bytes of names and values; at most %,d are accepted"
              .formatted(what, total, MAX_TOTAL_BYTES));
    }
  }
}
