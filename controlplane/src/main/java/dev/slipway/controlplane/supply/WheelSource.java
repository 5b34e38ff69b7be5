package dev.slipway.controlplane.supply;

import java.nio.file.Path;
import java.util.List;

/// Where wheels (built Python packages) come from.
interface WheelSource {
  /// Fetches pure-Python packages that fit together, each at the best release that its requirement
  /// allows, such as `modal==1.6.4` or `synchronicity~=0.12.7`.
  ///
  /// @param target an empty directory for the files
  List<Path> fetchPure(List<String> requirements, Path target);

  /// Fetches exactly these packages for the Python and for Linux on x86_64. Where the index lacks a
  /// release, the nearest one of the same project takes its place.
  ///
  /// @param target an empty directory for the files
  List<Path> fetchPinned(List<Pin> pins, PythonVersion python, Path target);
}
