package dev.slipway.launcher;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.slipway.controlplane.call.Timeline;
import dev.slipway.controlplane.call.Timelines;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.model.CallId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// `GET /debug/timeline?call=fc-…`: when each step of a call's inputs happened, in microseconds
/// since the epoch. For benchmarks and for looking into a slow call; needs a token.
final class TimelineHttp implements HttpService {
  private final Timelines timelines;
  private final BiConsumer<WorkspaceId, CallId> ownership;
  private final Tokens tokens;

  // Answers may wait for the database, which event loops must not.
  private final Executor threads = work -> Thread.ofVirtual().name("timeline").start(work);
  private final JsonMapper json = JsonMapper.builder().build();

  /// @param ownership refuses a call that is not the workspace's own
  TimelineHttp(Timelines timelines, BiConsumer<WorkspaceId, CallId> ownership, Tokens tokens) {
    this.timelines = timelines;
    this.ownership = ownership;
    this.tokens = tokens;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    TokenHeaders token = TokenHeaders.of(request);
    String call = context.queryParam("call");
    if (!context.path().equals("/debug/timeline") || call == null) {
      return text(HttpStatus.NOT_FOUND, "expected /debug/timeline?call=fc-…");
    }
    return HttpResponse.of(() -> answer(token, call), threads);
  }

  private HttpResponse answer(TokenHeaders token, String call) {
    Optional<WorkspaceId> workspace = token.workspace(tokens);
    if (workspace.isEmpty()) {
      return TokenHeaders.refused();
    }
    try {
      ownership.accept(workspace.get(), new CallId(call));
      List<Map<String, @Nullable Object>> inputs =
          timelines.listOf(new CallId(call)).stream().map(TimelineHttp::row).toList();
      return HttpResponse.of(HttpStatus.OK, MediaType.JSON, json.writeValueAsBytes(inputs));
    } catch (SlipwayException e) {
      return text(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static HttpResponse text(HttpStatus status, String text) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, "%s", text + "\n");
  }

  private static Map<String, @Nullable Object> row(Timelines.Entry entry) {
    Timeline.Steps steps = entry.steps();
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("index", entry.index());
    row.put("accepted", micros(steps.accepted()));
    row.put("queued", micros(steps.queued()));
    row.put("fetched", micros(steps.fetched()));
    row.put("output_put", micros(steps.outputPut()));
    row.put("delivered", micros(steps.delivered()));
    return row;
  }

  private static @Nullable Long micros(@Nullable Instant instant) {
    return instant == null
        ? null
        : instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }
}
