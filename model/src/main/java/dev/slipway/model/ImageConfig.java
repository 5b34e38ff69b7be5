package dev.slipway.model;

import java.util.List;
import java.util.Map;

/// What an image says about the processes started from it.
///
/// @param environment variables, in the order in which they were set
/// @param workingDirectory absolute path; empty when the image names none
/// @param shell the words before a shell-form command; empty stands for `/bin/sh -c`
/// @param user name or number, with an optional group; empty for root
/// @param triggers instructions that the image wants carried out by whoever builds on it
public record ImageConfig(
    Map<String, String> environment,
    String workingDirectory,
    List<String> entrypoint,
    List<String> command,
    List<String> shell,
    String user,
    List<String> triggers) {
  public ImageConfig {
    environment = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(environment));
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    shell = List.copyOf(shell);
    triggers = List.copyOf(triggers);
  }

  /// An image that wants nothing of those who build on it.
  public ImageConfig(
      Map<String, String> environment,
      String workingDirectory,
      List<String> entrypoint,
      List<String> command,
      List<String> shell,
      String user) {
    this(environment, workingDirectory, entrypoint, command, shell, user, List.of());
  }

  public static ImageConfig empty() {
    return new ImageConfig(Map.of(), "", List.of(), List.of(), List.of(), "");
  }

  public ImageConfig withEnvironment(Map<String, String> changed) {
    return new ImageConfig(changed, workingDirectory, entrypoint, command, shell, user, triggers);
  }

  public ImageConfig withWorkingDirectory(String changed) {
    return new ImageConfig(environment, changed, entrypoint, command, shell, user, triggers);
  }

  public ImageConfig withEntrypoint(List<String> changed) {
    return new ImageConfig(environment, workingDirectory, changed, command, shell, user, triggers);
  }

  public ImageConfig withCommand(List<String> changed) {
    return new ImageConfig(
        environment, workingDirectory, entrypoint, changed, shell, user, triggers);
  }

  public ImageConfig withShell(List<String> changed) {
    return new ImageConfig(
        environment, workingDirectory, entrypoint, command, changed, user, triggers);
  }

  public ImageConfig withUser(String changed) {
    return new ImageConfig(
        environment, workingDirectory, entrypoint, command, shell, changed, triggers);
  }
}
