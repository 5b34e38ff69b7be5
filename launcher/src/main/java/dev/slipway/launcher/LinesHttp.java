package dev.slipway.launcher;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers a question of an operator in lines of text: `GET` on its path, with a token and perhaps
/// `?of=SOMETHING`.
final class LinesHttp implements HttpService {
  private static final Logger log = LoggerFactory.getLogger(LinesHttp.class);

  private final String path;
  private final Answers answers;
  private final Tokens tokens;

  // Answers may wait for the database, which event loops must not.
  private final Executor threads = work -> Thread.ofVirtual().name("lines").start(work);

  /// What knows the answers.
  @FunctionalInterface
  interface Answers {
    /// @param of what is asked about; empty when nothing was named
    List<String> of(WorkspaceId workspace, String of) throws InterruptedException;
  }

  /// @param path at which it is served
  LinesHttp(String path, Answers answers, Tokens tokens) {
    this.path = path;
    this.answers = answers;
    this.tokens = tokens;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (!context.path().equals(path)) {
      return text(HttpStatus.NOT_FOUND, "expected " + path);
    }
    String what = Objects.requireNonNullElse(context.queryParam("of"), "");
    TokenHeaders token = TokenHeaders.of(request);
    return HttpResponse.of(CompletableFuture.supplyAsync(() -> answer(token, what), threads));
  }

  private HttpResponse answer(TokenHeaders token, String what) {
    try {
      Optional<WorkspaceId> workspace = token.workspace(tokens);
      if (workspace.isEmpty()) {
        return TokenHeaders.refused();
      }
      return text(HttpStatus.OK, String.join("\n", answers.of(workspace.get(), what)));
    } catch (SlipwayException e) {
      return text(
          e.kind() == ErrorKind.NOT_FOUND ? HttpStatus.NOT_FOUND : HttpStatus.BAD_REQUEST,
          String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return text(HttpStatus.SERVICE_UNAVAILABLE, "the server is stopping");
    } catch (RuntimeException e) {
      log.error("the question {}?of={} could not be answered", path, what, e);
      return text(HttpStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says how");
    }
  }

  private static HttpResponse text(HttpStatus status, String text) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, "%s", text + "\n");
  }
}
