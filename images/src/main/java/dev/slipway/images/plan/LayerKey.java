package dev.slipway.images.plan;

import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.RunMount;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

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

  /// @param stages what the recipe's stages are, by their places
  LayerKey add(BuildStep step, IntFunction<String> stages) {
    return switch (step) {
      case BuildStep.Run run -> {
        add("run").add(run.shellForm() ? 1 : 0).add(run.arguments()).add(run.online() ? 1 : 0);
        add(run.mounts().size());
        run.mounts().forEach(mount -> add(mount, stages));
        yield this;
      }
      case BuildStep.Copy copy -> {
        add("copy").add(copy.sources()).add(copy.destination());
        add(copy.stage().map(stages::apply).orElse(""));
        // What a mount holds makes its id.
        copy.mount().ifPresent(mount -> add("mount").add(mount.value()));
        add(copy.texts().size());
        copy.texts().forEach(text -> add(text.name()).add(text.text()));
        // LOCAL and ALL differ in what is from the web, which is in a mount of its own by now.
        yield add(copy.owner())
            .add(copy.mode())
            .add(copy.unpack() == BuildStep.Unpack.NONE ? 0 : 1);
      }
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

  /// What a cache or a secret holds is not part of the layer, only that it is there.
  private LayerKey add(RunMount mount, IntFunction<String> stages) {
    return switch (mount) {
      case RunMount.Bind bind ->
          add("bind")
              .add(bind.stage().map(stages::apply).orElse(""))
              .add(bind.source())
              .add(bind.target())
              .add(bind.writable() ? 1 : 0);
      case RunMount.Cache cache ->
          add(cache.readOnly() ? "cache that is read" : "cache")
              .add(cache.id())
              .add(cache.target());
      case RunMount.Secret secret ->
          add("secret").add(secret.id()).add(secret.target()).add(secret.variable());
      case RunMount.Temporary temporary -> {
        add("temporary").add(temporary.target());
        yield temporary.bytes() == 0 ? this : add("bytes").add(Long.toString(temporary.bytes()));
      }
      case RunMount.Script script -> add("script").add(script.target()).add(script.text());
      case RunMount.Written written -> add("written").add(written.options());
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
