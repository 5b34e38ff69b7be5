package dev.slipway.controlplane.storage;

import dev.slipway.model.Causes;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings a database's tables up to date.
///
/// Flyway does it, and loads half a thousand classes to find that nothing is to do. So the database
/// also remembers a fingerprint of the migrations that it has, and when that is the one of this
/// program, Flyway is not asked.
final class Migrations {
  private static final String LOCATION = "db/migration";

  private Migrations() {}

  /// @throws SlipwayException UNAVAILABLE when the database cannot be reached or refuses
  static void bringUpToDate(DataSource database) {
    String wanted = fingerprint();
    try (Connection connection = database.getConnection()) {
      if (wanted.equals(remembered(connection))) {
        return;
      }
      migrate(database);
      remember(connection, wanted);
    } catch (SQLException e) {
      throw StorageFailures.find(e).orElseGet(() -> failed(e, e));
    }
  }

  private static void migrate(DataSource database) {
    try {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(database)
          .locations("classpath:" + LOCATION)
          // Every feature has a range of numbers of its own: a new V021 may come after V070.
          .outOfOrder(true)
          .cleanDisabled(true)
          .loggers("slf4j")
          .load()
          .migrate();
    } catch (FlywayException e) {
      Optional<SQLException> cause = Causes.find(e, SQLException.class);
      if (cause.isPresent()) {
        throw StorageFailures.find(cause.get()).orElseGet(() -> failed(cause.get(), e));
      }
      throw new SlipwayException(
          ErrorKind.CONFLICT,
          "the database's tables do not fit this program: "
              + String.valueOf(e.getMessage()).lines().limit(3).collect(Collectors.joining(" "))
              + "; use the version that made them, or another database",
          e);
    }
  }

  private static SlipwayException failed(SQLException failure, Exception cause) {
    return new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "the database's tables cannot be brought up to date: " + failure.getMessage(),
        cause);
  }

  private static String remembered(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet table = statement.executeQuery("select to_regclass('slipway_schema')")) {
        if (!table.next() || table.getString(1) == null) {
          return "";
        }
      }
      try (ResultSet rows = statement.executeQuery("select fingerprint from slipway_schema")) {
        return rows.next() ? rows.getString(1) : "";
      }
    }
  }

  private static void remember(Connection connection, String fingerprint) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into slipway_schema (fingerprint) values (?)"
                + " on conflict (singleton) do update set fingerprint = excluded.fingerprint")) {
      statement.setString(1, fingerprint);
      statement.executeUpdate();
    }
  }

  /// Names and checksums of all migrations of this program.
  static String fingerprint() {
    try {
      SortedMap<String, Long> checksums = new TreeMap<>();
      for (URL url : Collections.list(Migrations.class.getClassLoader().getResources(LOCATION))) {
        if (url.openConnection() instanceof JarURLConnection jar) {
          jar.getJarFile().stream()
              .filter(entry -> entry.getName().startsWith(LOCATION) && !entry.isDirectory())
              .forEach(entry -> checksums.put(fileName(entry.getName()), entry.getCrc()));
        } else {
          addDirectory(Path.of(URI.create(url.toString())), checksums);
        }
      }
      byte[] text = checksums.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("the program's migrations cannot be read", e);
    }
  }

  private static void addDirectory(Path directory, SortedMap<String, Long> checksums)
      throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(file));
        checksums.put(String.valueOf(file.getFileName()), crc.getValue());
      }
    }
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
