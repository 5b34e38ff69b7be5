package dev.slipway.controlplane.supply;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Fetches packages and puts their files into the content store.
final class PackageSupply {
  /// Where containers find the client.
  private static final String CLIENT_DIRECTORY = "/pkg/";

  /// Where containers find what the client needs.
  private static final String DEPENDENCY_DIRECTORY = "/__modal/deps/";

  private static final Set<String> CLIENT_PACKAGES =
      Set.of("modal", "modal_proto", "modal_version", "synchronicity");

  private static final int BUFFER_BYTES = 64 << 10;

  private final ContentStore content;
  private final Path workDirectory;
  private final WheelSource wheels;

  PackageSupply(ContentStore content, Path workDirectory, WheelSource wheels) {
    this.content = content;
    this.workDirectory = workDirectory;
    this.wheels = wheels;
  }

  /// The files of the client of this version and of the one package that it is built upon.
  List<MountFile> client(String version) {
    return inDownloadDirectory(directory -> {
      Path client = fetchClient("modal==" + version, makeDirectory(directory, "client"));
      String foundation;
      try (Wheel wheel = Wheel.open(client)) {
        foundation =
            wheel
                .findRequirement("synchronicity")
                .orElseThrow(() ->
                    new SlipwayException(
                        ErrorKind.UNSUPPORTED,
                        "the client %s does not say which synchronicity it needs"
                            .formatted(version)));
      }
      Path target = makeDirectory(directory, "foundation");
      List<MountFile> files = new ArrayList<>();
      for (Path path : join(client, wheels.fetchPure(List.of(foundation), target))) {
        files.addAll(
            store(path, CLIENT_DIRECTORY, file -> CLIENT_PACKAGES.contains(file.split("/", 2)[0])));
      }
      return files;
    });
  }

  /// The files of what the client needs in an image of this builder version.
  List<MountFile> dependencies(String builderVersion, PythonVersion python) {
    return inDownloadDirectory(directory -> {
      String pinFile = readPinFile(builderVersion, makeDirectory(directory, "client"));
      List<Pin> pins = Pin.parseFile(pinFile, python);
      List<MountFile> files = new ArrayList<>();
      for (Path wheel :
          wheels.fetchPinned(pins, python, makeDirectory(directory, "dependencies"))) {
        files.addAll(store(wheel, DEPENDENCY_DIRECTORY, file -> true));
      }
      return files;
    });
  }

  /// What the platform itself adds to the Python of a container.
  List<MountFile> runner() {
    return RunnerFiles.read().entrySet().stream()
        .map(file -> store(CLIENT_DIRECTORY + file.getKey(), file.getValue()))
        .toList();
  }

  /// The pins change between client versions; those of the newest client serve every client.
  private String readPinFile(String builderVersion, Path directory) {
    Path client = fetchClient("modal", directory);
    try (Wheel wheel = Wheel.open(client)) {
      return wheel
          .findText("modal/builder/" + builderVersion + ".txt")
          .orElseThrow(() ->
              new SlipwayException(
                  ErrorKind.NOT_FOUND,
                  "the newest client (%s) knows no image builder version '%s'"
                      .formatted(client.getFileName(), builderVersion)));
    }
  }

  private Path fetchClient(String requirement, Path directory) {
    return wheels.fetchPure(List.of(requirement), directory).stream()
        .findFirst()
        .orElseThrow(() ->
            new SlipwayException(ErrorKind.UNAVAILABLE, "pip fetched nothing for " + requirement));
  }

  private List<MountFile> store(Path path, String below, Predicate<String> wanted) {
    Map<String, MountFile> files = new HashMap<>();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (Wheel wheel = Wheel.open(path)) {
      wheel.forEachFile((file, bytes) -> {
        if (wanted.test(file)) {
          files.put(file, store(below + file, bytes, buffer));
        }
      });
    }
    return List.copyOf(files.values());
  }

  private MountFile store(String path, InputStream bytes, byte[] buffer) throws IOException {
    try (Upload upload = content.begin()) {
      int count;
      while ((count = bytes.read(buffer)) >= 0) {
        upload.append(ByteBuffer.wrap(buffer, 0, count));
      }
      long size = upload.length();
      return new MountFile(path, upload.commit(), size, MountFile.DEFAULT_MODE);
    }
  }

  private MountFile store(String path, byte[] bytes) {
    try (Upload upload = content.begin()) {
      upload.append(bytes);
      Digest digest = upload.commit();
      return new MountFile(path, digest, bytes.length, MountFile.DEFAULT_MODE);
    }
  }

  private static List<Path> join(Path first, List<Path> others) {
    List<Path> all = new ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }

  private interface Download {
    List<MountFile> into(Path directory) throws IOException;
  }

  private List<MountFile> inDownloadDirectory(Download download) {
    try {
      Files.createDirectories(workDirectory);
      Path directory = Files.createTempDirectory(workDirectory, "download");
      try {
        return download.into(directory);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "packages cannot be downloaded to %s: %s".formatted(workDirectory, e.getMessage()),
          e);
    }
  }

  private static Path makeDirectory(Path parent, String name) {
    try {
      return Files.createDirectory(parent.resolve(name));
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the directory %s cannot be made in %s: %s".formatted(name, parent, e.getMessage()),
          e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          delete(entry);
        } else {
          Files.delete(entry);
        }
      }
    }
    Files.delete(directory);
  }
}
