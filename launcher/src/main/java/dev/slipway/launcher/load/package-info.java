/// A client and a worker without Python: what they say to a server is what the official client, its
/// runner and a real worker say. Benchmarks find a server's own ceiling with it, and the trial
/// start that makes the start cache exercises the path of a call.
@NullMarked
package dev.slipway.launcher.load;

import org.jspecify.annotations.NullMarked;
