package dev.slipway.launcher;

import dev.slipway.model.SlipwayException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Where the process begins. `./slipway` starts it with the right JDK and flags.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int status = execute(arguments);
    // Threads that nobody waits for (pools, event loops) must not keep a failed start alive.
    System.exit(status);
  }

  /// Runs one command line.
  ///
  /// @return the process's exit status, see [ExitStatus]
  static int execute(String... arguments) {
    return new CommandLine(new Commands())
        .setExecutionExceptionHandler(Main::report)
        .setParameterExceptionHandler(Main::explain)
        .execute(arguments);
  }

  private static int report(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    switch (failure) {
      case StartRefusedException refused -> {
        System.err.println("slipway: " + refused.getMessage());
        return refused.status().code();
      }
      case SlipwayException known -> {
        System.err.println("slipway: " + known.getMessage());
        return ExitStatus.FAILED.code();
      }
      default -> {
        System.err.println("slipway: a defect of this program, please report it with these lines:");
        failure.printStackTrace();
        return ExitStatus.DEFECT.code();
      }
    }
  }

  private static int explain(CommandLine.ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    command.getErr().println("slipway: " + failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr());
    command.usage(command.getErr());
    return ExitStatus.USAGE.code();
  }

  @Command(
      name = "slipway",
      description = "A self-hosted serverless cloud for Python.",
      mixinStandardHelpOptions = true,
      version = "slipway 0.1.0",
      subcommands = {
        UpCommand.class,
        ServerCommand.class,
        WorkerCommand.class,
        EnvCommand.class,
        DoctorCommand.class,
        WhyCommand.class,
        ImagesCommand.class,
        RehearseCommand.class,
        CommandLine.HelpCommand.class
      })
  static final class Commands {}
}
