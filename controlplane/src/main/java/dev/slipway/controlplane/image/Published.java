package dev.slipway.controlplane.image;

import dev.slipway.model.ImageId;
import java.time.Instant;

/// An image under a name.
///
/// @param sequence grows from publication to publication
/// @param revision id of the publication
/// @param name with its tag
/// @param firstAt when something was first published under the name
public record Published(
    long sequence, String revision, String name, ImageId image, Instant at, Instant firstAt) {}
