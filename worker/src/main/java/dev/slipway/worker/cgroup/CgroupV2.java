package dev.slipway.worker.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A group of the one hierarchy that has all controllers.
final class CgroupV2 implements Cgroup {
  private static final Logger log = LoggerFactory.getLogger(CgroupV2.class);

  private final Path directory;

  CgroupV2(Path directory) {
    this.directory = directory;
  }

  @Override
  public List<Path> joinFiles() {
    return List.of(directory.resolve("cgroup.procs"));
  }

  @Override
  public long outOfMemoryKills() {
    return CgroupFiles.number(directory.resolve("memory.events"), "oom_kill");
  }

  @Override
  public long peakMemoryBytes() {
    return CgroupFiles.number(directory.resolve("memory.peak"));
  }

  @Override
  public List<Long> processes() {
    return CgroupFiles.processes(directory);
  }

  @Override
  public void killAll() {
    Path kill = directory.resolve("cgroup.kill");
    try {
      if (Files.exists(kill)) {
        Files.writeString(kill, "1", StandardOpenOption.WRITE);
      }
    } catch (IOException e) {
      log.debug("{} was not taken, each process is killed by itself: {}", kill, e.toString());
    }
    CgroupFiles.killAll(directory);
  }

  @Override
  public boolean remove() {
    return CgroupFiles.removeDirectory(directory);
  }
}
