package dev.slipway.controlplane.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.FileDescriptor;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/// What a client sees that reads along.
final class LogStreamTest extends LogFixture {
  @Test
  void aLineReachesAWaitingReaderAtOnce() throws Exception {
    try (Stream stream = open(request(55))) {
      assertThat(stream.isSilentFor(300)).isTrue();
      logs.append(
          task,
          List.of(
              new LogLine(Channel.STDOUT, 1_700_000_000_123_456_789L, "Hello\nwor"),
              new LogLine(Channel.STDERR, 1_700_000_000_123_456_790L, "oh\n")));
      // Long before its time is over, when it would look once more.
      TaskLogsBatch batch = stream.next();

      assertThat(batch.getTaskId()).isEqualTo(task.value());
      assertThat(batch.getFunctionId()).isEqualTo(function.value());
      assertThat(batch.getAppDone()).isFalse();
      assertThat(texts(List.of(batch))).containsExactly("Hello\n", "wor", "oh\n");
      assertThat(batch.getItems(0).getTimestampNs()).isEqualTo(1_700_000_000_123_456_789L);
      assertThat(batch.getItems(0).getTimestamp()).isBetween(1_700_000_000.12, 1_700_000_000.13);
      assertThat(batch.getItems(1).getFileDescriptor())
          .isEqualTo(FileDescriptor.FILE_DESCRIPTOR_STDOUT);
      assertThat(batch.getItems(2).getFileDescriptor())
          .isEqualTo(FileDescriptor.FILE_DESCRIPTOR_STDERR);
      assertThat(stream.isSilentFor(200)).isTrue();
    }
  }

  @Test
  void theStreamIsHeldForItsTimeAndEndsWithoutAWord() throws Exception {
    long start = System.nanoTime();
    try (Stream stream = open(request(0.7f))) {
      assertThat(stream.rest()).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(690));
  }

  @Test
  void linesOfOtherAppsWakeNobodyElse() throws Exception {
    TaskId other = newTask(newApp(), function);
    try (Stream stream = open(request(55))) {
      logs.append(other, lines("not yours\n"));
      assertThat(stream.isSilentFor(300)).isTrue();
    }
  }

  @Test
  void whoComesBackMissesNothingAndGetsNothingTwice() throws Exception {
    List<TaskId> writers =
        List.of(task, newTask(app, function), newTask(app, function), newTask(app, function));
    int perWriter = 60;
    List<String> seen = new ArrayList<>();
    String cursor = "";
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writing = new ArrayList<>();
      for (TaskId writer : writers) {
        writing.add(
            executor.submit(() -> {
              for (int i = 0; i < perWriter; i++) {
                logs.append(writer, lines(writer + " " + i + "\n"));
              }
            }));
      }
      // Many short streams, as after many broken connections.
      while (seen.size() < perWriter * writers.size()) {
        try (Stream stream = open(request(0.02f).setLastEntryId(cursor))) {
          for (TaskLogsBatch batch : stream.rest()) {
            seen.addAll(texts(List.of(batch)));
            cursor = batch.getEntryId();
          }
        }
      }
      for (Future<?> writer : writing) {
        writer.get();
      }
    }
    assertThat(seen).doesNotHaveDuplicates().hasSize(perWriter * writers.size());
    for (TaskId writer : writers) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < perWriter; i++) {
        expected.add(writer + " " + i + "\n");
      }
      assertThat(seen.stream().filter(text -> text.startsWith(writer.value())))
          .containsExactlyElementsOf(expected);
    }
  }

  @Test
  void theEndComesBehindTheLastLines() throws Exception {
    try (Stream stream = open(request(55))) {
      logs.append(task, lines("last words\n"));
      overApps.put(app, true);
      logs.finished(app);

      assertThat(texts(List.of(stream.next()))).containsExactly("last words\n");
      TaskLogsBatch done = stream.next();
      assertThat(done.getAppDone()).isTrue();
      assertThat(done.getItemsList()).isEmpty();
      assertThat(stream.rest()).isEmpty();
    }
  }

  @Test
  void anAppThatIsOverTellsItsStoryAndEnds() throws Exception {
    List<LogLine> story = new ArrayList<>();
    for (int i = 0; i < 2 * LogRpc.MAX_LINES_PER_PAGE; i++) {
      story.add(line(i + 1, i + "\n"));
    }
    logs.append(task, story);
    overApps.put(app, true);
    LogRpc later = new LogRpc(restarted(), apps, (_, _) -> List.of());

    try (Stream stream = new Stream(later, context(), request(55).build())) {
      List<TaskLogsBatch> all = stream.rest();
      assertThat(texts(all)).containsExactlyElementsOf(story.stream().map(LogLine::data).toList());
      assertThat(all.getLast().getAppDone()).isTrue();
      assertThat(all.stream().filter(TaskLogsBatch::getAppDone)).hasSize(1);
    }
  }

  @Test
  void withoutATimeTheStreamTellsWhatThereIs() throws Exception {
    logs.append(task, lines("one\n", "two\n"));
    try (Stream stream = open(request(0))) {
      List<TaskLogsBatch> all = stream.rest();
      assertThat(texts(all)).containsExactly("one\n", "two\n");
      assertThat(all.stream().filter(TaskLogsBatch::getAppDone)).isEmpty();
    }
  }

  @Test
  void aTasksStreamEndsWithTheTask() throws Exception {
    TaskId other = newTask(app, function);
    AppGetLogsRequest.Builder request =
        AppGetLogsRequest.newBuilder().setTaskId(task.value()).setTimeout(55);
    try (Stream stream = open(request)) {
      logs.append(other, lines("not mine\n"));
      logs.append(task, lines("mine\n"));
      assertThat(texts(List.of(stream.next()))).containsExactly("mine\n");
      assertThat(stream.isSilentFor(200)).isTrue();
      tasks.ended.put(task, true);
      logs.taskEnded(task);

      assertThat(stream.next().getAppDone()).isTrue();
      assertThat(stream.rest()).isEmpty();
    }
    tasks.known.remove(task);
    try (Stream forgotten = open(request)) {
      assertThat(texts(forgotten.rest())).containsExactly("mine\n");
    }
  }

  @Test
  void filtersChooseAndTheCursorPassesWhatTheyLeaveOut() throws Exception {
    FunctionId otherFunction = new FunctionId(ids.next("fu"));
    TaskId other = newTask(app, otherFunction);
    CallId call = new CallId(ids.next("fc"));
    tasks.serving.put(call, List.of(other));
    logs.append(
        task, List.of(line(1, "100% a\n"), new LogLine(Channel.STDERR, 2, "b\n"), line(3, "A\n")));
    logs.append(other, lines("c\n", "a\n"));

    assertThat(drained(request(0).setFunctionId(otherFunction.value())))
        .containsExactly("c\n", "a\n");
    assertThat(drained(request(0).setFunctionCallId(call.value()))).containsExactly("c\n", "a\n");
    assertThat(drained(request(0).setFileDescriptor(FileDescriptor.FILE_DESCRIPTOR_STDERR)))
        .containsExactly("b\n");
    assertThat(drained(request(0).setSearchText("a"))).containsExactly("100% a\n", "a\n");
    assertThat(drained(request(0).setSearchText("% a"))).containsExactly("100% a\n");

    try (Stream stream = open(request(0).setSearchText("nowhere"))) {
      List<TaskLogsBatch> all = stream.rest();
      assertThat(texts(all)).isEmpty();
      assertThat(drained(request(0).setLastEntryId(all.getLast().getEntryId()))).isEmpty();
    }
  }

  @Test
  void aStreamOutlivesAnAbsenceOfTheDatabase() throws Exception {
    AtomicBoolean away = new AtomicBoolean();
    LogStore shaky =
        new LogStore(
            Jdbi.create(() -> {
              if (away.get()) {
                throw new SlipwayException(ErrorKind.UNAVAILABLE, "the database is away");
              }
              return FIXTURE.database().jdbi().open().getConnection();
            }));
    AppLogs logs = new AppLogs(shaky, tasks, overApps::containsKey, Clock.systemUTC());
    logs.append(task, lines("before\n"));
    away.set(true);
    assertThatThrownBy(() -> logs.append(task, lines("lost\n")))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    try (Stream stream =
        new Stream(new LogRpc(logs, apps, (_, _) -> List.of()), context(), request(55).build())) {
      assertThat(stream.isSilentFor(300)).isTrue();
      away.set(false);
      logs.append(task, lines("after\n"));

      // It may look before the second line is kept, and once more afterwards.
      List<String> told = new ArrayList<>();
      while (told.size() < 2) {
        told.addAll(texts(List.of(stream.next())));
      }
      assertThat(told).containsExactly("before\n", "after\n");
    }
  }

  @Test
  void nobodyReadsTheLogsOfOtherWorkspaces() {
    logs.append(task, lines("secret\n"));
    WorkspaceId stranger = new WorkspaceId(ids.next("ac"));
    AppGetLogsRequest ofTask = AppGetLogsRequest.newBuilder().setTaskId(task.value()).build();

    for (AppGetLogsRequest request : List.of(request(0).build(), ofTask)) {
      assertThatThrownBy(() -> new Stream(rpc, context(stranger), request).rest())
          .cause()
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    }
  }

  private List<String> drained(AppGetLogsRequest.Builder request) throws InterruptedException {
    try (Stream stream = open(request)) {
      return texts(stream.rest());
    }
  }
}
