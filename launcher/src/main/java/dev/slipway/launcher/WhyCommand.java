package dev.slipway.launcher;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "why",
    description = "Say why something waits, or why there are as many containers as there are.",
    mixinStandardHelpOptions = true)
final class WhyCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(
      paramLabel = "APP|FUNCTION|CALL",
      description =
          "The name or id of an app, the name (or APP.NAME) or id of a function, or the"
              + " id of a call.")
  private String what = "";

  /// Where the server answers.
  static final String PATH = "/why/";

  @Override
  public Integer call() throws InterruptedException {
    return Question.ask(
        data.directory(), PATH + "?of=" + URLEncoder.encode(what, StandardCharsets.UTF_8));
  }
}
