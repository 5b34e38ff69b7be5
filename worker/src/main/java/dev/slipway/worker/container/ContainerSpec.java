package dev.slipway.worker.container;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What is asked of a container. The root file system is composed and mounted by the caller, who
/// also takes it away after the end.
///
/// @param id letters, digits and dashes; unique among the containers that run on this machine
/// @param rootfs directory that becomes `/`, owned by the mapped root (host user 100000)
/// @param arguments the command's words; the first is looked up on the environment's `PATH`
/// @param environment the whole environment, except the operator's variables which lie below it
/// @param workingDirectory absolute path; made when it does not exist
/// @param user as an image names it: empty for root, `name`, `uid`, `name:group`, `uid:gid`
/// @param resources a limit of 0 is none
/// @param pidsLimit most processes and threads; 0 stands for [#DEFAULT_PIDS_LIMIT]
/// @param binds host files and directories that the container sees
public record ContainerSpec(
    String id,
    Path rootfs,
    List<String> arguments,
    Map<String, String> environment,
    String workingDirectory,
    String user,
    Resources resources,
    int pidsLimit,
    Network network,
    Privileges privileges,
    List<Bind> binds) {
  /// Most processes and threads of a container that names no limit of its own.
  public static final int DEFAULT_PIDS_LIMIT = 4096;

  private static final Pattern ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z-]{0,99}");

  /// What a container can reach.
  public enum Network {
    /// Anything but the host and other containers.
    OUTBOUND,
    /// Nothing; only what is bound into it.
    BLOCKED
  }

  /// Which capabilities a container's root has, inside its own user namespace.
  public enum Privileges {
    /// Runs users' functions.
    FUNCTION,
    /// Runs the steps of an image build: may also change owners of files, and make device nodes
    /// where the kernel lets it.
    BUILD
  }

  /// A host path that the container sees.
  ///
  /// @param destination absolute path in the container
  public record Bind(Path source, String destination, boolean readOnly) {
    public Bind {
      requireAbsolute("the destination of a bind", destination);
    }
  }

  public ContainerSpec {
    if (!ID.matcher(id).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'" + id + "' cannot name a container: letters, digits and dashes were expected");
    }
    if (arguments.isEmpty()) {
      throw new SlipwayException(ErrorKind.INVALID, "the container " + id + " has no command");
    }
    requireAbsolute("the working directory", workingDirectory);
    arguments = List.copyOf(arguments);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    binds = List.copyOf(binds);
  }

  /// Without the environment, which holds secrets.
  @Override
  public String toString() {
    return "ContainerSpec[" + id + " " + arguments + "]";
  }

  /// A container of root in `/`, with outbound network, no limits and no environment.
  public static ContainerSpec of(String id, Path rootfs, List<String> arguments) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        Map.of(),
        "/",
        "",
        new Resources(0, 0, 0, 0),
        0,
        Network.OUTBOUND,
        Privileges.FUNCTION,
        List.of());
  }

  public ContainerSpec withEnvironment(Map<String, String> variables) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        variables,
        workingDirectory,
        user,
        resources,
        pidsLimit,
        network,
        privileges,
        binds);
  }

  public ContainerSpec withWorkingDirectory(String path) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        path,
        user,
        resources,
        pidsLimit,
        network,
        privileges,
        binds);
  }

  public ContainerSpec withUser(String name) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        workingDirectory,
        name,
        resources,
        pidsLimit,
        network,
        privileges,
        binds);
  }

  public ContainerSpec withResources(Resources limits, int pids) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        workingDirectory,
        user,
        limits,
        pids,
        network,
        privileges,
        binds);
  }

  public ContainerSpec withNetwork(Network reach) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        workingDirectory,
        user,
        resources,
        pidsLimit,
        reach,
        privileges,
        binds);
  }

  public ContainerSpec withPrivileges(Privileges rights) {
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        workingDirectory,
        user,
        resources,
        pidsLimit,
        network,
        rights,
        binds);
  }

  public ContainerSpec withBind(Bind bind) {
    List<Bind> more = new ArrayList<>(binds);
    more.add(bind);
    return new ContainerSpec(
        id,
        rootfs,
        arguments,
        environment,
        workingDirectory,
        user,
        resources,
        pidsLimit,
        network,
        privileges,
        more);
  }

  /// Most processes and threads, with the default filled in.
  public int effectivePidsLimit() {
    return pidsLimit == 0 ? DEFAULT_PIDS_LIMIT : pidsLimit;
  }

  private static void requireAbsolute(String what, String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, what + " is '" + path + "', an absolute path was expected");
    }
  }
}
