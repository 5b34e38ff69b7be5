package dev.slipway.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What a start cache is made of: the JVM remembers from it which classes are needed and which code
/// is worth compiling.
@Command(
    name = "rehearse",
    hidden = true,
    description = "Start server and worker, then serve calls of its own making, and stop.",
    mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
  @Mixin private ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = options.configuration();
    Foreground.once(lifecycle -> SlipwayServer.start(configuration, Wiring::allInOne, lifecycle));
    Foreground.once(lifecycle -> {
      Rehearsal rehearsal = new Rehearsal(lifecycle);
      SlipwayServer.start(configuration, wiring -> wiring.rehearsing(rehearsal), lifecycle);
      rehearsal.play(ClientEnvironment.require(configuration.data()));
    });
    return 0;
  }
}
