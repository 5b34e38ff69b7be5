package dev.slipway.images.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a build needs to know of its recipe beside the steps, and what no layer depends on.
///
/// @param notes sentences for its log
/// @param ofImages what to add to the reason when an image of a name cannot be had
/// @param proxies variables that say to commands how the web is reached: build arguments that need
///   no ARG
public record RecipeAsides(
    List<String> notes, Map<String, String> ofImages, Map<String, String> proxies) {
  /// Build arguments that every recipe has; each in lower case, too.
  private static final List<String> PROXIES =
      List.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY");

  public RecipeAsides {
    notes = List.copyOf(notes);
    ofImages = Map.copyOf(ofImages);
    proxies = Map.copyOf(proxies);
  }

  public static RecipeAsides none() {
    return new RecipeAsides(List.of(), Map.of(), Map.of());
  }

  static Map<String, String> proxies(Map<String, String> buildArguments) {
    Map<String, String> proxies = new LinkedHashMap<>();
    buildArguments.forEach((name, value) -> {
      if (isProxy(name)) {
        proxies.put(name, value);
      }
    });
    return proxies;
  }

  /// Whether a build argument says how the web is reached.
  static boolean isProxy(String name) {
    return PROXIES.stream()
        .anyMatch(
            proxy -> proxy.equals(name) || proxy.toLowerCase(java.util.Locale.ROOT).equals(name));
  }
}
