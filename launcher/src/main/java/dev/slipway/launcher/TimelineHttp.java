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
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// `GET /debug/timeline?call=fc-…`: when each step of a call's inputs happened, in microseconds
/// since the epoch. For benchmarks and for looking into a slow call; needs a token.
final class TimelineHttp implements HttpService {
  private final Timelines timelines;
  private final Tokens tokens;
  private final JsonMapper json = JsonMapper.builder().build();

  TimelineHttp(Timelines timelines, Tokens tokens) {
    this.timelines = timelines;
    this.tokens = tokens;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    boolean known =
        tokens
            .find(
                request.headers().get("x-modal-token-id", ""),
                request.headers().get("x-modal-token-secret", ""))
            .isPresent();
    if (!known) {
      return HttpResponse.of(
          HttpStatus.UNAUTHORIZED,
          MediaType.PLAIN_TEXT_UTF_8,
          "send the headers x-modal-token-id and x-modal-token-secret\n");
    }
    String call = context.queryParam("call");
    if (!context.path().equals("/debug/timeline") || call == null) {
      return HttpResponse.of(
          HttpStatus.NOT_FOUND, MediaType.PLAIN_TEXT_UTF_8, "expected /debug/timeline?call=fc-…\n");
    }
    try {
      List<Map<String, @Nullable Object>> inputs =
          timelines.listOf(new CallId(call)).stream().map(TimelineHttp::row).toList();
      return HttpResponse.of(HttpStatus.OK, MediaType.JSON, json.writeValueAsBytes(inputs));
    } catch (SlipwayException e) {
      return HttpResponse.of(
          HttpStatus.BAD_REQUEST, MediaType.PLAIN_TEXT_UTF_8, e.getMessage() + "\n");
    }
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
