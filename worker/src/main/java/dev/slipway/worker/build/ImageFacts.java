package dev.slipway.worker.build;

import dev.slipway.model.ImageConfig;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.LayeredView.Entry;
import dev.slipway.worker.rootfs.PythonTag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds out what an image holds: its Python, what is installed for it, its C library.
final class ImageFacts {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MAX_REMEMBERED = 500;
  private static final int MAX_OUTPUT = 1_000;
  private static final Pattern DISTRIBUTION =
      Pattern.compile("(.+?)-([^-]+?)(?:-py3\\.\\d+)?\\.(?:dist|egg)-info");
  private static final Pattern GLIBC = Pattern.compile("stable release version (\\d+\\.\\d+)");
  private static final List<String> LIBC_PLACES =
      List.of(
          "/lib/x86_64-linux-gnu/libc.so.6",
          "/lib/aarch64-linux-gnu/libc.so.6",
          "/lib64/libc.so.6",
          "/usr/lib/libc.so.6");
  private static final List<String> MUSL_PLACES =
      List.of("/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1");

  private final LayerCommand command;
  private final Map<String, String> versions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  ImageFacts(LayerCommand command) {
    this.command = command;
  }

  /// Hears what is wrong with an image.
  @FunctionalInterface
  interface Trouble {
    void say(String sentence) throws InterruptedException;
  }

  /// What was found out. Texts are empty where there is nothing to say.
  record Facts(String pythonVersionInfo, Map<String, String> packages, String libc) {}

  /// @param root the mounted root file system
  /// @param view the same, as layers
  /// @param trouble is told when the image has a Python that does not start
  Facts find(Path root, LayeredView view, ImageConfig config, Trouble trouble)
      throws IOException, InterruptedException {
    String searchPath = config.environment().getOrDefault("PATH", "");
    Optional<Entry> python = PythonTag.findProgram(view, searchPath, "python");
    if (python.isEmpty()) {
      python = PythonTag.findProgram(view, searchPath, "python3");
    }
    if (python.isEmpty()) {
      return new Facts("", Map.of(), libc(view));
    }
    return new Facts(
        versionInfo(root, python.get(), config, trouble),
        packages(view, searchPath, python.get()),
        libc(view));
  }

  /// The same file of the same layer says the same again.
  private String versionInfo(Path root, Entry python, ImageConfig config, Trouble trouble)
      throws IOException, InterruptedException {
    String key =
        "%s %s %d"
            .formatted(
                python.host(), python.attributes().lastModifiedTime(), python.attributes().size());
    synchronized (versions) {
      String known = versions.get(key);
      if (known != null) {
        return known;
      }
    }
    StringBuffer said = new StringBuffer();
    StringBuffer complaint = new StringBuffer();
    ContainerSpec spec =
        ContainerSpec.of("facts-" + UUID.randomUUID(), root, List.of(python.path(), "-VV"))
            .withEnvironment(config.environment())
            .withNetwork(Network.BLOCKED);
    try {
      Exit exit =
          command.run(
              spec,
              (stream, _, text) -> {
                StringBuffer into = stream == OutputStreamKind.STDOUT ? said : complaint;
                if (into.length() < MAX_OUTPUT) {
                  into.append(text);
                }
              },
              LIMIT);
      if (exit.code() != 0) {
        trouble.say(
            "The Python of this image, %s, does not start: %s"
                .formatted(python.path(), complaint.isEmpty() ? exit.sentence() : complaint));
        return "";
      }
    } catch (TimeoutException e) {
      return "";
    }
    String version = said.toString().strip();
    synchronized (versions) {
      versions.put(key, version);
    }
    return version;
  }

  private static Map<String, String> packages(LayeredView view, String searchPath, Entry python)
      throws IOException {
    Optional<PythonTag> tag = PythonTag.find(view, searchPath);
    if (tag.isEmpty()) {
      return Map.of();
    }
    String version = "python" + tag.get().minor();
    Set<String> prefixes = new LinkedHashSet<>();
    // A virtual environment's own packages lie beside the link that leads to its Python.
    for (String directory : searchPath.split(":")) {
      if (directory.endsWith("/bin") && view.resolve(directory + "/python").isPresent()) {
        prefixes.add(directory.substring(0, directory.length() - "/bin".length()));
      }
    }
    String path = python.path();
    prefixes.add(path.substring(0, Math.max(0, path.lastIndexOf("/bin/"))));
    Map<String, String> packages = new TreeMap<>();
    for (String prefix : prefixes) {
      for (String place :
          List.of(
              "/lib/" + version + "/site-packages",
              "/lib/" + version + "/dist-packages",
              "/lib/python3/dist-packages")) {
        addPackages(packages, view, prefix + place);
      }
    }
    addPackages(packages, view, "/usr/local/lib/" + version + "/dist-packages");
    return packages;
  }

  private static void addPackages(Map<String, String> packages, LayeredView view, String place)
      throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (Path lower : view.lowers()) {
      Path directory = lower.resolve(place.substring(1));
      if (Files.isDirectory(directory)) {
        try (Stream<Path> children = Files.list(directory)) {
          children.forEach(child -> names.add(child.getFileName().toString()));
        }
      }
    }
    for (String name : names) {
      Matcher matcher = DISTRIBUTION.matcher(name);
      // A layer above may have taken it away again.
      if (matcher.matches() && view.find(place + "/" + name).isPresent()) {
        packages.putIfAbsent(matcher.group(1), matcher.group(2));
      }
    }
  }

  private static String libc(LayeredView view) throws IOException {
    for (String place : LIBC_PLACES) {
      Optional<Entry> library = view.resolve(place);
      if (library.isPresent() && library.get().attributes().isRegularFile()) {
        String text = Files.readString(library.get().host(), StandardCharsets.ISO_8859_1);
        Matcher matcher = GLIBC.matcher(text);
        return matcher.find() ? "glibc " + matcher.group(1) : "glibc";
      }
    }
    for (String place : MUSL_PLACES) {
      if (view.resolve(place).isPresent()) {
        return "musl";
      }
    }
    return "";
  }
}
