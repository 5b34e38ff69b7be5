package dev.slipway.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Where the one port is.
///
/// @param host a name or address of this machine; IPv6 without brackets
/// @param port 1 to 65535
public record ListenAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]\\s]+)):([0-9]{1,5})");

  /// The address as clients on this machine write it; a wildcard address becomes loopback.
  public String url() {
    String reachable =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "[::1]";
          default -> host.contains(":") ? "[" + host + "]" : host;
        };
    return "http://" + reachable + ":" + port;
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /// The address to bind.
  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  /// Fails early, before anything is started, when the port cannot be had.
  void requireFree() {
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new StartRefusedException(
          ExitStatus.USAGE, "--listen " + this + ": there is no host '" + host + "'", e);
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(address, port));
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.PORT_TAKEN,
          "cannot listen on "
              + this
              + " ("
              + e.getMessage()
              + "): stop what listens there, or choose another port with --listen HOST:PORT",
          e);
    }
  }

  /// Reads `HOST:PORT`.
  static final class Converter implements ITypeConverter<ListenAddress> {
    @Override
    public ListenAddress convert(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is no address; expected HOST:PORT such as 127.0.0.1:8470");
      }
      int port = Integer.parseInt(matcher.group(3));
      if (port < 1 || port > 65_535) {
        throw new TypeConversionException("'" + text + "' has no usable port; expected 1 to 65535");
      }
      String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      return new ListenAddress(host, port);
    }
  }
}
