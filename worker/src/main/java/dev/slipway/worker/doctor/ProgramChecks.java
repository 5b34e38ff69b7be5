package dev.slipway.worker.doctor;

import dev.slipway.worker.machine.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The programs that a worker starts.
final class ProgramChecks {
  /// The oldest crun that was tried.
  private static final Version OLDEST_CRUN = new Version(1, 8);

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");

  private final Function<String, Optional<Path>> programs;

  ProgramChecks() {
    this(Program::find);
  }

  /// @param programs finds a program by its name
  ProgramChecks(Function<String, Optional<Path>> programs) {
    this.programs = programs;
  }

  record Version(int major, int minor) {
    boolean isBefore(Version other) {
      return major != other.major ? major < other.major : minor < other.minor;
    }

    static Optional<Version> in(String text) {
      Matcher matcher = VERSION.matcher(text);
      return matcher.find()
          ? Optional.of(
              new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
          : Optional.empty();
    }
  }

  Finding crun() throws InterruptedException {
    Optional<Path> crun = programs.apply("crun");
    if (crun.isEmpty()) {
      return Finding.missing("crun", "it is not installed", install("crun"));
    }
    Program.Result result =
        Program.run(List.of(crun.get().toString(), "--version"), "", Program.USUAL_TIME);
    String first = result.output().lines().findFirst().orElse("no version");
    Optional<Version> version = Version.in(first);
    if (result.code() != 0 || version.isEmpty() || version.get().isBefore(OLDEST_CRUN)) {
      return Finding.missing(
          "crun",
          crun.get() + " says '" + first + "'",
          "install crun %d.%d or newer".formatted(OLDEST_CRUN.major(), OLDEST_CRUN.minor()));
    }
    return Finding.good("crun", first + " at " + crun.get());
  }

  Finding init() {
    return program("tini", "tini-static", "tini");
  }

  Finding ip() {
    return program("ip", "ip", "iproute2");
  }

  Finding nft() {
    return program("nft", "nft", "nftables");
  }

  Finding mmdebstrap() {
    return programs
        .apply("mmdebstrap")
        .map(path -> Finding.good("mmdebstrap", path.toString()))
        .orElseGet(() ->
            Finding.limited(
                "mmdebstrap",
                "not installed: base images come from registries only",
                install("mmdebstrap")));
  }

  Finding mkfs() {
    return programs
        .apply("mkfs.ext4")
        .map(path -> Finding.good("mkfs.ext4", path.toString()))
        .orElseGet(() ->
            Finding.limited(
                "mkfs.ext4",
                "not installed: no function can have an ephemeral_disk of its own",
                install("e2fsprogs")));
  }

  private Finding program(String subject, String name, String debianPackage) {
    return programs
        .apply(name)
        .map(path -> Finding.good(subject, path.toString()))
        .orElseGet(() ->
            Finding.missing(
                subject, "the program " + name + " is not installed", install(debianPackage)));
  }

  private static String install(String debianPackage) {
    return "on Debian: apt-get install " + debianPackage;
  }
}
