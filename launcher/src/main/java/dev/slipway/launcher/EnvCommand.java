package dev.slipway.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "env",
    description = "Print shell exports for the official client: eval \"$(./slipway env)\".",
    mixinStandardHelpOptions = true)
final class EnvCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() {
    System.out.print(ClientEnvironment.require(data.directory()).exports());
    System.out.flush();
    return 0;
  }
}
