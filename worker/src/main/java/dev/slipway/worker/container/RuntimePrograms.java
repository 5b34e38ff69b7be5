package dev.slipway.worker.container;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Program;
import java.nio.file.Path;

/// The programs of the machine that starting a container takes.
///
/// @param crun the OCI runtime
/// @param init becomes each container's first process; statically linked, since it runs in images
///   of every kind
/// @param shell joins the control group before the runtime starts
/// @param env gives signals back their default meaning
/// @param setsid keeps signals from the terminal away: an interrupt there is for the server, which
///   then ends its containers in order
public record RuntimePrograms(Path crun, Path init, Path shell, Path env, Path setsid) {
  /// Looks for them.
  ///
  /// @throws SlipwayException of kind `UNSUPPORTED` naming the missing one and its Debian package
  public static RuntimePrograms find() {
    return new RuntimePrograms(
        require("crun", "crun"),
        require("tini-static", "tini"),
        require("sh", "dash"),
        require("env", "coreutils"),
        require("setsid", "util-linux"));
  }

  private static Path require(String name, String debianPackage) {
    return Program.find(name)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.UNSUPPORTED,
                "the program '%s' is missing; on Debian: apt-get install %s"
                    .formatted(name, debianPackage)));
  }
}
