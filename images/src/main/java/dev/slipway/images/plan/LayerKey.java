package dev.slipway.images.plan;

import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Hashes what a layer depends on. Every part is preceded by its length, so that no two different
/// sequences of parts run together into the same bytes.
final class LayerKey {
  private final MessageDigest hash;

  LayerKey(String format) {
    try {
      hash = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    add(format);
  }

  LayerKey add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    hash.update(bytes);
    return this;
  }

  LayerKey add(int number) {
    hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    return this;
  }

  LayerKey add(BuildStep step) {
    return switch (step) {
      case BuildStep.Run run -> add("run").add(run.shellForm() ? 1 : 0).add(run.arguments());
      case BuildStep.Copy copy -> add("copy").add(copy.sources()).add(copy.destination());
      case BuildStep.Environment environment -> add("environment").add(environment.variables());
      case BuildStep.Arguments arguments -> add("arguments").add(arguments.values());
      case BuildStep.WorkingDirectory directory -> add("working directory").add(directory.path());
      case BuildStep.Command command ->
          add("command").add(command.shellForm() ? 1 : 0).add(command.arguments());
      case BuildStep.Entrypoint entrypoint ->
          add("entrypoint").add(entrypoint.shellForm() ? 1 : 0).add(entrypoint.arguments());
      case BuildStep.Shell shell -> add("shell").add(shell.arguments());
      case BuildStep.User user -> add("user").add(user.user());
      case BuildStep.Note _ -> add("note");
    };
  }

  Digest digest() {
    return Digest.of(hash.digest());
  }

  private LayerKey add(List<String> words) {
    add(words.size());
    words.forEach(this::add);
    return this;
  }

  /// The variables of one line are set at once: their order says nothing.
  private LayerKey add(Map<String, String> variables) {
    add(variables.size());
    new TreeMap<>(variables).forEach((name, value) -> add(name).add(value));
    return this;
  }
}
