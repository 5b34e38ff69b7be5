package dev.slipway.launcher.door;

import com.linecorp.armeria.server.HttpService;

/// Plain HTTP that a feature serves below a path, such as `/blob/`.
///
/// @param prefix begins and ends with a slash
/// @param service sees the whole path; brings its own limits for sizes and times as its options
public record HttpRoute(String prefix, HttpService service) {
  public HttpRoute {
    if (!prefix.startsWith("/") || !prefix.endsWith("/")) {
      throw new IllegalArgumentException("'" + prefix + "' does not begin and end with a slash");
    }
  }
}
