package dev.slipway.benchmarks;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The CPU time that everybody on a server's side has used so far.
///
/// @param ticks by process, with who it belongs to
record CpuTimes(Map<Long, Spent> ticks) {
  /// Who spends CPU time.
  enum Who {
    SERVER,
    DATABASE,
    CONTAINERS,
    CLIENT
  }

  record Spent(Who who, long ticks) {}

  private static final double TICKS_PER_SECOND = 100;

  /// @param serverPid the process of the server
  /// @param clients processes that call
  static CpuTimes now(long serverPid, Set<Long> clients) {
    Set<Long> below =
        ProcessHandle.of(serverPid).stream()
            .flatMap(ProcessHandle::descendants)
            .map(ProcessHandle::pid)
            .collect(Collectors.toSet());
    Map<Long, Spent> spent = new HashMap<>();
    for (HostProcess process : HostProcesses.list()) {
      Who who = who(process, serverPid, below, clients);
      if (who != null) {
        spent.put(process.pid(), new Spent(who, ticks(process.pid())));
      }
    }
    return new CpuTimes(spent);
  }

  /// Seconds that each of them spent on a phase that a program tells of by "begin" and "end".
  static Map<Who, Double> during(
      String phase, ChildProcess program, long serverPid, Duration atMost) {
    Set<Long> client = Set.of(program.pid());
    program.transcript().await(("begin " + phase)::equals, "begin " + phase, atMost);
    CpuTimes before = now(serverPid, client);
    program.transcript().await(("end " + phase)::equals, "end " + phase, atMost);
    return now(serverPid, client).since(before);
  }

  private static @org.jspecify.annotations.Nullable Who who(
      HostProcess process, long serverPid, Set<Long> below, Set<Long> clients) {
    if (process.pid() == serverPid) {
      return Who.SERVER;
    }
    if (clients.contains(process.pid())) {
      return Who.CLIENT;
    }
    if (process.environment().contains("MODAL_TASK_ID=")) {
      return Who.CONTAINERS;
    }
    return below.contains(process.pid()) && process.commandLine().contains("postgres")
        ? Who.DATABASE
        : null;
  }

  /// User and system time of all its threads.
  private static long ticks(long pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    } catch (IOException ended) {
      return 0;
    }
  }

  /// Seconds that each of them spent since `earlier`; of processes that have ended nothing is
  /// known.
  Map<Who, Double> since(CpuTimes earlier) {
    Map<Who, Double> seconds = new EnumMap<>(Who.class);
    for (Who who : Who.values()) {
      seconds.put(who, 0.0);
    }
    ticks.forEach((pid, spent) -> {
      Spent before = earlier.ticks().get(pid);
      long more = spent.ticks() - (before == null ? 0 : before.ticks());
      seconds.merge(spent.who(), Math.max(0, more) / TICKS_PER_SECOND, Double::sum);
    });
    return seconds;
  }

  /// Bytes of memory that a process holds.
  static long residentBytes(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/status"))
          .lines()
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0L);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
