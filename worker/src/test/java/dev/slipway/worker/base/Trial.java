package dev.slipway.worker.base;

import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.layer.*;
import dev.slipway.worker.rootfs.*;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

public class Trial {
  public static void main(String[] a) throws Exception {
    Path data = Path.of(a[0]);
    LayerStore layers = LayerStore.open(data, Clock.systemUTC());
    OverlayRoots roots = OverlayRoots.open(data);
    SharedMaking making = new SharedMaking(layers);
    var runtime = new CrunFixture(data.resolve("bundles"));
    LayerCommand command = new LayerCommand(runtime);
    CachedBases cached = CachedBases.open(data, layers, Clock.systemUTC());
    LocalBases local =
        new LocalBases(
            new DebianRoots(layers, making, DebianMirror.ofThisMachine()),
            new PythonLayers(making, roots, command),
            Interpreters.ofThisMachine(List.of()));
    BaseImages bases =
        new BaseImages(List.of(cached.fresh(), cached.stale(), cached.remembering(local)));
    long t0 = System.nanoTime();
    BuildLog log =
        new BuildLog() {
          public void say(String line) {
            System.out.printf("%6.2f %s%n", (System.nanoTime() - t0) / 1e9, line);
          }

          public void accept(OutputStreamKind k, long t, String text) {
            System.out.print(text);
          }
        };
    for (int i = 1; i < a.length; i++) {
      try {
        System.out.println(bases.require(a[i], log));
      } catch (Exception e) {
        log.say(e.toString());
      }
    }
  }
}
