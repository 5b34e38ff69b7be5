package dev.slipway.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/// Where the log goes: to stderr, and once there is a data directory, to files in it. Found by
/// logback as a service; written in Java because reading a configuration file costs a tenth of a
/// second at every start.
public final class LogConfiguration extends ContextAwareBase implements Configurator {
  private static final String LINE = "%d{HH:mm:ss.SSS} %-5level %-18logger{0} %msg%n%ex";
  private static final String DATED_LINE = "%d{yyyy-MM-dd} " + LINE.replace("%ex", "%ex");

  /// A server keeps this many files of this size at most.
  private static final int MAX_FILES = 5;

  private static final String MAX_FILE_SIZE = "10MB";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("stderr");
    console.setTarget("System.err");
    console.setEncoder(encoder(context, LINE));
    console.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(console);
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level());
    // These announce every start with lines that say nothing to an operator.
    for (String chatty : new String[] {"org.flywaydb", "com.zaxxer.hikari", "com.linecorp"}) {
      context.getLogger(chatty).setLevel(Level.WARN);
    }
    // Warns at every connection of an option that this kind of socket does not have.
    for (String netty : new String[] {"io.netty", "io.grpc.netty.shaded.io.netty"}) {
      context.getLogger(netty + ".bootstrap.ServerBootstrap").setLevel(Level.ERROR);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /// Writes the log to files in this directory as well, from now on.
  static void writeTo(Path directory) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
    file.setContext(context);
    file.setName("file");
    file.setFile(directory.resolve("slipway.log").toString());
    file.setEncoder(encoder(context, DATED_LINE));
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(file);
    rolling.setFileNamePattern(directory.resolve("slipway.%i.log").toString());
    rolling.setMinIndex(1);
    rolling.setMaxIndex(MAX_FILES - 1);
    rolling.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf(MAX_FILE_SIZE));
    size.start();
    file.setRollingPolicy(rolling);
    file.setTriggeringPolicy(size);
    file.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(file);
  }

  /// An operator who looks for the cause of something asks for more: `SLIPWAY_LOG_LEVEL=debug`.
  private static Level level() {
    return Level.toLevel(System.getenv("SLIPWAY_LOG_LEVEL"), Level.INFO);
  }

  private static PatternLayoutEncoder encoder(LoggerContext context, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(pattern);
    encoder.start();
    return encoder;
  }
}
