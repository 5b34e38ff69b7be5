package dev.slipway.controlplane.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.AppCountLogsRequest;
import dev.slipway.protocol.modal.AppCountLogsResponse.LogBucket;
import dev.slipway.protocol.modal.AppFetchLogsRequest;
import dev.slipway.protocol.modal.FileDescriptor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is told of the past, and when it is forgotten.
final class LogHistoryTest extends LogFixture {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 1_700_000_000L;

  @Test
  void theNewestLinesComeInTheOrderOfTheirTimes() {
    TaskId other = newTask(app, function);
    logs.append(task, List.of(at(0, "a\n"), at(2, "c\n"), at(4, "e\n")));
    logs.append(other, List.of(at(1, "b\n"), at(3, "d\n")));

    assertThat(fetched(fetch(0, 5, 100))).containsExactly("a\n", "b\n", "c\n", "d\n", "e\n");
    assertThat(fetched(fetch(0, 5, 2))).containsExactly("d\n", "e\n");
    assertThat(rpc.fetch(context(), fetch(0, 5, 2).build()).getBatchesList())
        .extracting(batch -> batch.getTaskId())
        .containsExactly(other.value(), task.value());
  }

  @Test
  void aTimeBeginsWithItsFirstMomentAndEndsBeforeItsLast() {
    logs.append(task, List.of(at(1, "1\n"), at(2, "2\n"), at(3, "3\n")));

    assertThat(fetched(fetch(1, 3, 100))).containsExactly("1\n", "2\n");
    assertThat(fetched(fetch(3, 4, 100))).containsExactly("3\n");
  }

  @Test
  void withoutATimeEverythingUpToNowIsMeant() {
    Instant now = Instant.now();
    long nanos = now.getEpochSecond() * SECOND;
    logs.append(task, List.of(line(nanos - SECOND, "just now\n")));

    assertThat(fetched(AppFetchLogsRequest.newBuilder().setAppId(app.value())))
        .containsExactly("just now\n");
  }

  @Test
  void tooLongATimeIsRefusedWithTheMost() {
    assertThatThrownBy(() -> fetched(fetch(0, Duration.ofDays(36).toSeconds(), 1)))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("35 days");
  }

  @Test
  void linesAreCountedByTimeAndChannel() {
    logs.append(
        task,
        List.of(
            at(0, "early\n"),
            at(10, "a\nb\n"),
            new LogLine(Channel.STDERR, nanos(11), "c\n"),
            new LogLine(Channel.SYSTEM, nanos(25), "d\n"),
            at(40, "late\n")));
    AppCountLogsRequest.Builder request =
        AppCountLogsRequest.newBuilder()
            .setAppId(app.value())
            .setSince(time(10))
            .setUntil(time(40))
            .setBucketSecs(20);

    List<LogBucket> buckets = rpc.count(context(), request.build()).getBucketsList();

    assertThat(buckets).hasSize(2);
    assertThat(buckets.getFirst().getBucketStartAt()).isEqualTo(time(0));
    assertThat(buckets.getFirst().getStdoutLogs()).isEqualTo(2);
    assertThat(buckets.getFirst().getStderrLogs()).isEqualTo(1);
    assertThat(buckets.getLast().getBucketStartAt()).isEqualTo(time(20));
    assertThat(buckets.getLast().getSystemLogs()).isEqualTo(1);
    assertThat(
            rpc.count(context(), request.setSource(FileDescriptor.FILE_DESCRIPTOR_STDERR).build())
                .getBucketsList())
        .hasSize(1);
  }

  @Test
  void whatCannotBeStoredIsShownAsSuch() {
    logs.append(task, List.of(at(0, "nul\0 and half a \ud83d pair\n")));

    assertThat(fetched(fetch(0, 1, 1)))
        .singleElement()
        .asString()
        .startsWith("nul\uFFFD and half a ")
        .endsWith(" pair\n");
  }

  @Test
  void linesOfATaskThatNobodyKnowsAreDropped() {
    logs.append(ids.nextTask(), List.of(at(0, "whose?\n")));

    assertThat(fetched(fetch(0, 1, 100))).isEmpty();
  }

  @Test
  void anAppThatSaysTooMuchLosesItsOldestLines() {
    List<LogLine> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(at(i, "x".repeat(899) + "\n"));
    }
    logs.append(task, many);
    TaskId modest = newTask(newApp(), function);
    logs.append(modest, List.of(at(0, "little\n")));
    // A thousand bytes a line with its overhead: 50 of 100 are left.
    LogRetentionChore chore = new LogRetentionChore(store, atStart(), 60_000, 50_000);

    chore.run();

    assertThat(fetched(fetch(0, 100, 1_000))).hasSize(50);
    assertThat(fetched(fetch(0, 50, 1_000))).isEmpty();
    assertThat(store.findOrigin(modest)).isPresent();
    chore.run();
    assertThat(fetched(fetch(0, 100, 1_000))).hasSize(50);
    assertThat(store.listLarger(49_999)).extracting(LogStore.Volume::app).contains(app);
    assertThat(store.listLarger(50_000)).extracting(LogStore.Volume::app).doesNotContain(app);
  }

  @Test
  void oldLinesAreForgottenAndTheirAppsWithThem() {
    logs.append(task, List.of(at(0, "old\n"), at(10, "new\n")));
    AppId goneApp = newApp();
    TaskId gone = newTask(goneApp, function);
    logs.append(gone, List.of(at(0, "old too\n")));
    Instant later = Instant.ofEpochSecond(START + 5).plus(LogRetentionChore.MAX_AGE);

    new LogRetentionChore(store, Clock.fixed(later, ZoneOffset.UTC)).run();

    assertThat(fetched(fetch(0, 100, 100))).containsExactly("new\n");
    assertThat(store.findOrigin(gone)).isEmpty();
    assertThat(store.listLarger(0))
        .extracting(LogStore.Volume::app)
        .contains(app)
        .doesNotContain(goneApp);
  }

  private List<String> fetched(AppFetchLogsRequest.Builder request) {
    return texts(rpc.fetch(context(), request.build()).getBatchesList());
  }

  private AppFetchLogsRequest.Builder fetch(long since, long until, int limit) {
    return AppFetchLogsRequest.newBuilder()
        .setAppId(app.value())
        .setSince(time(since))
        .setUntil(time(until))
        .setLimit(limit);
  }

  private static Clock atStart() {
    return Clock.fixed(Instant.ofEpochSecond(START), ZoneOffset.UTC);
  }

  private static Timestamp time(long seconds) {
    return Timestamp.newBuilder().setSeconds(START + seconds).build();
  }

  private static long nanos(long seconds) {
    return (START + seconds) * SECOND;
  }

  private static LogLine at(long seconds, String data) {
    return line(nanos(seconds), data);
  }
}
