package dev.slipway.controlplane.supply;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// A built Python package: a zip archive laid out like the directory it is installed in.
final class Wheel implements AutoCloseable {
  /// Longest file that a wheel may hold, unpacked, in bytes.
  private static final long MAX_FILE_BYTES = 512L << 20;

  private static final Pattern DATA = Pattern.compile("[^/]+\\.data/([^/]+)/(.+)");
  private static final Pattern METADATA = Pattern.compile("[^/]+\\.dist-info/METADATA");

  private final Path path;
  private final ZipFile zip;

  private Wheel(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
  }

  static Wheel open(Path path) {
    try {
      return new Wheel(path, new ZipFile(path.toFile()));
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the package " + path.getFileName() + " is damaged: " + e.getMessage(),
          e);
    }
  }

  /// Takes one file of a wheel.
  interface FileVisitor {
    /// @param path below the directory of installed packages, such as `modal/app.py`
    void visit(String path, InputStream bytes) throws IOException;
  }

  /// Shows every file that belongs among installed packages. Bytecode and files whose name begins
  /// with a dot are left out, as are scripts and headers.
  void forEachFile(FileVisitor visitor) {
    Enumeration<? extends ZipEntry> entries = zip.entries();
    while (entries.hasMoreElements()) {
      ZipEntry entry = entries.nextElement();
      Optional<String> installed = installedPath(entry);
      if (installed.isEmpty()) {
        continue;
      }
      if (entry.getSize() > MAX_FILE_BYTES) {
        throw new SlipwayException(
            ErrorKind.EXHAUSTED,
            "%s in the package %s is larger than %d bytes"
                .formatted(entry.getName(), path.getFileName(), MAX_FILE_BYTES));
      }
      try (InputStream bytes = zip.getInputStream(entry)) {
        visitor.visit(installed.get(), bytes);
      } catch (IOException e) {
        throw damaged(e);
      }
    }
  }

  private static Optional<String> installedPath(ZipEntry entry) {
    String name = entry.getName();
    Matcher data = DATA.matcher(name);
    if (data.matches()) {
      if (!data.group(1).equals("purelib") && !data.group(1).equals("platlib")) {
        return Optional.empty();
      }
      name = data.group(2);
    }
    boolean wanted =
        !entry.isDirectory()
            && !name.endsWith(".pyc")
            && !name.startsWith(".")
            && !name.contains("/.")
            && !name.startsWith("/")
            && !("/" + name).contains("/__pycache__/");
    return wanted ? Optional.of(name) : Optional.empty();
  }

  /// The text of one file, by its path in the archive.
  Optional<String> findText(String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      return Optional.empty();
    }
    try (InputStream bytes = zip.getInputStream(entry)) {
      return Optional.of(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /// The unconditional requirement on a project, such as `synchronicity~=0.12.7`.
  Optional<String> findRequirement(String project) {
    Pattern line =
        Pattern.compile(
            "^Requires-Dist:\\s*"
                + Pattern.quote(project)
                + "\\s*\\(?((?:[~=<>!]=?\\s*[0-9][0-9A-Za-z.*]*[\\s,]*)*)\\)?\\s*$",
            Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);
    Matcher matcher = line.matcher(metadata());
    return matcher.find()
        ? Optional.of(project + matcher.group(1).replaceAll("\\s", ""))
        : Optional.empty();
  }

  private String metadata() {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> METADATA.matcher(name).matches())
        .findFirst()
        .flatMap(this::findText)
        .orElseThrow(() -> damaged(new IOException("it has no METADATA")));
  }

  private SlipwayException damaged(IOException cause) {
    return new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "the package " + path.getFileName() + " cannot be read: " + cause.getMessage(),
        cause);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw damaged(e);
    }
  }
}
