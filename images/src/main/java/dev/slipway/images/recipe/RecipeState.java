package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.RunMount;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the steps so far made of an image's configuration. A builder resolves each step in the
/// state before it, executes what it got, and goes on with the state after it.
///
/// @param config what the image says at this point
/// @param arguments build arguments, which later steps see and the image does not keep
/// @param commandSet whether this recipe itself set a command (an ENTRYPOINT drops an inherited
///   one)
public record RecipeState(ImageConfig config, Map<String, String> arguments, boolean commandSet) {
  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

  public RecipeState {
    arguments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
  }

  /// The state before the first step of a recipe on this base.
  public static RecipeState of(ImageConfig base) {
    return new RecipeState(base, Map.of(), false);
  }

  /// The variables that a step sees: build arguments, and above them those of the image.
  public Map<String, String> environment() {
    return merged(arguments, config.environment());
  }

  /// The directory in which the next step runs: absolute.
  public String workingDirectory() {
    return config.workingDirectory().isEmpty() ? "/" : config.workingDirectory();
  }

  /// The step with every template expanded, every path absolute (the destination of a copy keeps a
  /// final slash, which says that it is a directory) and every command in exec form.
  ///
  /// @throws dev.slipway.model.SlipwayException INVALID when a text cannot be expanded
  public BuildStep resolve(BuildStep step) {
    return switch (step) {
      case BuildStep.Run run ->
          new BuildStep.Run(
              words(run.arguments(), run.shellForm()),
              false,
              run.mounts().stream().map(this::resolve).toList(),
              run.online());
      case BuildStep.Command command ->
          new BuildStep.Command(words(command.arguments(), command.shellForm()), false);
      case BuildStep.Entrypoint entrypoint ->
          new BuildStep.Entrypoint(words(entrypoint.arguments(), entrypoint.shellForm()), false);
      case BuildStep.Copy copy ->
          new BuildStep.Copy(
              copy.stage(),
              copy.mount(),
              copy.sources().stream().map(this::expand).toList(),
              copy.texts().stream()
                  .map(text -> new BuildStep.TextFile(text.name(), expand(text.text())))
                  .toList(),
              destination(expand(copy.destination())),
              expand(copy.owner()),
              expand(copy.mode()),
              copy.unpack(),
              expand(copy.checksum()));
      case BuildStep.Environment environment ->
          new BuildStep.Environment(expand(environment.variables()));
      case BuildStep.Arguments values -> new BuildStep.Arguments(expand(values.values()));
      case BuildStep.WorkingDirectory directory ->
          new BuildStep.WorkingDirectory(absolute(expand(directory.path())));
      case BuildStep.User user -> new BuildStep.User(expand(user.user()));
      case BuildStep.Shell shell -> shell;
      case BuildStep.Note note -> note;
    };
  }

  /// The state after a step that [#resolve] gave.
  public RecipeState with(BuildStep resolved) {
    return switch (resolved) {
      case BuildStep.Run _, BuildStep.Copy _, BuildStep.Note _ -> this;
      case BuildStep.Environment environment ->
          withConfig(config.withEnvironment(merged(config.environment(), environment.variables())));
      case BuildStep.Arguments values ->
          new RecipeState(config, merged(arguments, values.values()), commandSet);
      case BuildStep.WorkingDirectory directory ->
          withConfig(config.withWorkingDirectory(directory.path()));
      case BuildStep.Command command ->
          new RecipeState(config.withCommand(command.arguments()), arguments, true);
      case BuildStep.Entrypoint entrypoint ->
          withConfig(
              config
                  .withEntrypoint(entrypoint.arguments())
                  .withCommand(commandSet ? config.command() : List.of()));
      case BuildStep.Shell shell -> withConfig(config.withShell(shell.arguments()));
      case BuildStep.User user -> withConfig(config.withUser(user.user()));
    };
  }

  private RunMount resolve(RunMount mount) {
    return switch (mount) {
      case RunMount.Bind bind ->
          new RunMount.Bind(
              bind.stage(),
              expand(bind.source()),
              absolute(expand(bind.target())),
              bind.writable());
      case RunMount.Cache cache ->
          new RunMount.Cache(
              expand(cache.id()),
              absolute(expand(cache.target())),
              cache.exclusive(),
              cache.access(),
              cache.readOnly());
      case RunMount.Secret secret ->
          new RunMount.Secret(
              secret.id(),
              secret.target().isEmpty() ? "" : absolute(expand(secret.target())),
              secret.variable(),
              secret.required(),
              secret.access());
      case RunMount.Temporary temporary ->
          new RunMount.Temporary(absolute(expand(temporary.target())), temporary.bytes());
      case RunMount.Script script -> script;
      case RunMount.Written written -> resolve(MountReader.read(written, this::expand));
    };
  }

  private static Map<String, String> merged(Map<String, String> below, Map<String, String> above) {
    Map<String, String> result = new LinkedHashMap<>(below);
    result.putAll(above);
    return result;
  }

  private RecipeState withConfig(ImageConfig changed) {
    return new RecipeState(changed, arguments, commandSet);
  }

  private List<String> words(List<String> arguments, boolean shellForm) {
    if (!shellForm || arguments.isEmpty()) {
      return arguments;
    }
    List<String> result =
        new ArrayList<>(config.shell().isEmpty() ? DEFAULT_SHELL : config.shell());
    result.addAll(arguments);
    return result;
  }

  private String expand(String template) {
    return Template.expand(template, environment());
  }

  private Map<String, String> expand(Map<String, String> templates) {
    Map<String, String> result = new LinkedHashMap<>();
    templates.forEach((name, template) -> result.put(name, expand(template)));
    return result;
  }

  private String destination(String path) {
    String absolute = absolute(path);
    boolean directory =
        path.endsWith("/") || path.equals(".") || path.endsWith("/.") || path.endsWith("..");
    return directory && !absolute.endsWith("/") ? absolute + "/" : absolute;
  }

  private String absolute(String path) {
    Deque<String> parts = new ArrayDeque<>();
    String whole = path.startsWith("/") ? path : workingDirectory() + "/" + path;
    for (String part : whole.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }
}
