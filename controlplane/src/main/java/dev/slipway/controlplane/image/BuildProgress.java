package dev.slipway.controlplane.image;

import java.util.List;
import java.util.Optional;

/// What is new about a build.
///
/// @param entries of its log since the last look
/// @param position behind these entries
/// @param ended the image, once its build has ended and its log is read to the end
record BuildProgress(List<BuildLogEntry> entries, LogPosition position, Optional<Image> ended) {}
