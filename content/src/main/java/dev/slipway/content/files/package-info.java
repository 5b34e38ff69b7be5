/// Whole trees of files, and the kernel's calls on files that Java has no word for.
@NullMarked
package dev.slipway.content.files;

import org.jspecify.annotations.NullMarked;
