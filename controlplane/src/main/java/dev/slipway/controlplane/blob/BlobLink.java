package dev.slipway.controlplane.blob;

import dev.slipway.model.BlobId;
import java.time.Instant;

/// What an address of a blob allows, and until when.
///
/// @param part number of the part, counted from 1, when the purpose is to upload a part; else 0
record BlobLink(BlobId blob, Purpose purpose, int part, Instant expires) {
  enum Purpose {
    UPLOAD,
    UPLOAD_PART,
    COMPLETE,
    DOWNLOAD
  }
}
