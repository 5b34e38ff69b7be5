package dev.slipway.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "images",
    description =
        "List the layers of images and the mounts that the workers keep, with sizes and why each"
            + " is kept.",
    mixinStandardHelpOptions = true)
final class ImagesCommand implements Callable<Integer> {
  /// Where the server answers.
  static final String PATH = "/images/";

  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() throws InterruptedException {
    return Question.ask(data.directory(), PATH);
  }
}
