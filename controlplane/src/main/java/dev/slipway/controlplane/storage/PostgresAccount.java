package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// As whom PostgreSQL's programs run. PostgreSQL refuses root, so root hands it to `nobody`;
/// anybody else runs it as himself.
///
/// Every program gets a session of its own, so that Ctrl-C in a terminal reaches the server that
/// supervises and not the database under it, and is told to stop when the thread that started it
/// dies.
sealed interface PostgresAccount {
  /// The user who started us.
  record Own() implements PostgresAccount {}

  /// @param uid numeric user id
  /// @param gid numeric group id
  record Unprivileged(String name, int uid, int gid) implements PostgresAccount {}

  /// The signal for a fast shutdown: sessions are ended, memory is written, files are complete.
  String FAST_STOP = "INT";

  /// Makes the two directories visible at places that any user can reach, in a mount namespace that
  /// ends with the program: home directories such as /root are closed to others.
  String REACHABLE =
      "set -e; mount -t tmpfs -o mode=755 slipway-postgres /mnt; mkdir /mnt/binaries /mnt/home;"
          + " mount --bind \"$1\" /mnt/binaries; mount --bind \"$2\" /mnt/home; shift 2; cd /;"
          + " exec \"$@\"";

  static PostgresAccount current() {
    try {
      if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
        return new Own();
      }
      for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
        String[] fields = line.split(":", -1);
        if (fields.length > 3 && fields[0].equals("nobody")) {
          return new Unprivileged(
              fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
        }
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "this machine's users cannot be read: " + e.getMessage(), e);
    }
    throw new SlipwayException(
        ErrorKind.UNSUPPORTED,
        "the embedded PostgreSQL refuses to run as root and /etc/passwd has no user 'nobody' to run"
            + " it: add one, or start with --database postgresql://…");
  }

  /// Lets the account pass through a directory of ours to what it owns below.
  default void admit(Path directory) throws IOException {
    switch (this) {
      case Own own -> {}
      case Unprivileged user ->
          Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  /// Gives a file or directory to the account.
  default void own(Path directory) throws IOException {
    switch (this) {
      case Own own -> {}
      case Unprivileged user -> {
        Files.setAttribute(directory, "unix:uid", user.uid());
        Files.setAttribute(directory, "unix:gid", user.gid());
      }
    }
  }

  /// The command that runs a program of PostgreSQL.
  ///
  /// @param home the directory whose content the arguments speak of; in arguments, a path below it
  ///   is written as the program will see it
  default List<String> command(
      PostgresBinaries binaries, Path home, String program, List<Argument> arguments) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    Path seenBinaries = binaries.root();
    Path seenHome = home;
    switch (this) {
      case Own own -> command.add("setpriv");
      case Unprivileged user -> {
        if (closed(home).isPresent() || closed(binaries.root()).isPresent()) {
          command.addAll(List.of("unshare", "--mount", "--propagation", "private"));
          command.addAll(List.of("sh", "-c", REACHABLE, "sh"));
          command.addAll(List.of(binaries.root().toString(), home.toString()));
          seenBinaries = Path.of("/mnt/binaries");
          seenHome = Path.of("/mnt/home");
        }
        command.addAll(
            List.of("setpriv", "--reuid=" + user.uid(), "--regid=" + user.gid(), "--clear-groups"));
      }
    }
    command.addAll(List.of("--pdeathsig", FAST_STOP));
    command.add(seenBinaries.resolve("bin").resolve(program).toString());
    for (Argument argument : arguments) {
      command.add(
          switch (argument) {
            case Argument.Word word -> word.value();
            case Argument.InHome file -> seenHome.resolve(file.name()).toString();
          });
    }
    return command;
  }

  /// A word of a command line.
  sealed interface Argument {
    record Word(String value) implements Argument {}

    /// @param name path relative to the home directory
    record InHome(String name) implements Argument {}
  }

  /// The first directory on the way that others may not enter.
  private static Optional<Path> closed(Path directory) {
    try {
      for (Path step = directory.toRealPath(); step != null; step = step.getParent()) {
        if (!Files.getPosixFilePermissions(step).contains(PosixFilePermission.OTHERS_EXECUTE)) {
          return Optional.of(step);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, directory + " cannot be read: " + e.getMessage(), e);
    }
  }
}
