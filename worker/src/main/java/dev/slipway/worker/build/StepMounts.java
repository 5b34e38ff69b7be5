package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.RunMount;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.InsideRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What one command sees beside the image's files. All of it is gone when this is closed, but for
/// what is in caches.
final class StepMounts implements AutoCloseable {
  private static final int SCRIPT_MODE = 0755;

  /// For everybody, as /tmp.
  private static final int TEMPORARY_MODE = 01777;

  private final BuildOrder order;
  private final BuildFiles context;
  private final StageTrees trees;
  private final BuildCaches caches;
  private final Path scratch;
  private final List<Bind> binds = new ArrayList<>();
  private final List<Path> inMemory = new ArrayList<>();
  private final Map<String, String> variables = new HashMap<>();
  private final Map<RunMount.Cache, BuildCaches.Lease> leases = new HashMap<>();

  /// @param scratch a directory that does not exist before and after
  StepMounts(
      BuildOrder order, BuildFiles context, StageTrees trees, BuildCaches caches, Path scratch) {
    this.order = order;
    this.context = context;
    this.trees = trees;
    this.caches = caches;
    this.scratch = scratch;
  }

  List<Bind> binds() {
    return binds;
  }

  /// Environment variables that hold values of secrets.
  Map<String, String> variables() {
    return variables;
  }

  /// Prepares what a command asks for.
  ///
  /// @throws SlipwayException of kind `INVALID` for a source or a secret that is not there
  void prepare(List<RunMount> mounts) throws IOException, InterruptedException {
    if (!mounts.isEmpty()) {
      Files.createDirectory(scratch);
    }
    lease(mounts);
    for (RunMount mount : mounts) {
      Path own = scratch.resolve(Integer.toString(binds.size() + variables.size()));
      switch (mount) {
        case RunMount.Bind bind -> bind(bind);
        case RunMount.Cache cache ->
            binds.add(
                new Bind(
                    Objects.requireNonNull(leases.get(cache)).directory(),
                    cache.target(),
                    cache.readOnly()));
        case RunMount.Secret secret -> secret(secret, own);
        case RunMount.Temporary temporary -> {
          Files.createDirectory(own);
          if (temporary.bytes() > 0) {
            FileSystems.mountMemory(own, temporary.bytes());
            inMemory.add(own);
          }
          Ownership.giveToRoot(own);
          Files.setAttribute(own, "unix:mode", TEMPORARY_MODE);
          binds.add(new Bind(own, temporary.target(), false));
        }
        case RunMount.Script script -> {
          write(own, script.text(), new RunMount.Access(0, 0, SCRIPT_MODE));
          binds.add(new Bind(own, script.target(), true));
        }
        case RunMount.Written written ->
            throw new IllegalStateException("a mount has variables left: " + written);
      }
    }
  }

  /// Two commands that want the same caches for themselves must not each wait for the other.
  private void lease(List<RunMount> mounts) throws IOException, InterruptedException {
    List<RunMount.Cache> wanted =
        mounts.stream()
            .filter(RunMount.Cache.class::isInstance)
            .map(RunMount.Cache.class::cast)
            .distinct()
            .sorted(Comparator.comparing(RunMount.Cache::id))
            .toList();
    for (RunMount.Cache cache : wanted) {
      leases.put(cache, caches.lease(order.cacheScope(), cache));
    }
  }

  /// Directories beside the image's files that the command can write to.
  List<Path> written() {
    List<Path> all = new ArrayList<>(List.of(scratch));
    leases.values().forEach(lease -> all.add(lease.directory()));
    return all;
  }

  /// The command took too much of the disk: its caches go with it.
  void dropCaches() {
    leases.values().forEach(BuildCaches.Lease::doom);
  }

  private void bind(RunMount.Bind bind) throws IOException {
    Path root;
    if (bind.stage().isEmpty()) {
      root = trees.joined(context.roots());
    } else {
      int stage = bind.stage().get();
      root = bind.writable() ? trees.copyOf(stage) : trees.root(stage);
    }
    Path source = new InsideRoot(root).resolve(bind.source());
    if (!Files.exists(source)) {
      throw new SlipwayException(
          ErrorKind.INVALID, "there is no '" + bind.source() + "' that could be mounted");
    }
    binds.add(new Bind(source, bind.target(), !bind.writable()));
  }

  private void secret(RunMount.Secret secret, Path file) throws IOException {
    String value = order.secrets().values().get(secret.id());
    if (value == null) {
      if (secret.required()) {
        throw new SlipwayException(
            ErrorKind.INVALID, "the build has no secret with a value '" + secret.id() + "'");
      }
      return;
    }
    if (!secret.variable().isEmpty()) {
      variables.put(secret.variable(), value);
    }
    if (!secret.target().isEmpty()) {
      write(file, value, secret.access());
      binds.add(new Bind(file, secret.target(), true));
    }
  }

  private static void write(Path file, String text, RunMount.Access access) throws IOException {
    Files.createFile(file);
    Files.setAttribute(file, "unix:mode", 0600);
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    Ownership.give(file, access.uid(), access.gid());
    Files.setAttribute(file, "unix:mode", access.mode());
  }

  @Override
  public void close() throws IOException {
    leases.values().forEach(BuildCaches.Lease::close);
    trees.endStep();
    for (Path mounted : inMemory) {
      FileSystems.detach(mounted);
    }
    Trees.delete(scratch);
  }
}
