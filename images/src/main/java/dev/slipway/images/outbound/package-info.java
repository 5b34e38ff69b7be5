/// How this machine's own programs reach the web: its proxies, and the certificates it trusts.
@NullMarked
package dev.slipway.images.outbound;

import org.jspecify.annotations.NullMarked;
