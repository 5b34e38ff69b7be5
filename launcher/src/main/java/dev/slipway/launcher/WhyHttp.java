package dev.slipway.launcher;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.task.Explanations;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `GET /why/?of=APP|FUNCTION|CALL`: sentences about why it waits, or has as many containers as it
/// has; of the token's own workspace only.
final class WhyHttp implements HttpService {
  /// The path below which it is served.
  static final String PATH = "/why/";

  private static final Logger log = LoggerFactory.getLogger(WhyHttp.class);

  private final Explanations explanations;
  private final Tokens tokens;

  // Answers may wait for the database, which event loops must not.
  private final Executor threads = work -> Thread.ofVirtual().name("why").start(work);

  WhyHttp(Explanations explanations, Tokens tokens) {
    this.explanations = explanations;
    this.tokens = tokens;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    String what = context.queryParam("of");
    if (!context.path().equals(PATH) || what == null) {
      return text(HttpStatus.NOT_FOUND, "expected " + PATH + "?of=APP|FUNCTION|CALL");
    }
    String id = request.headers().get("x-modal-token-id", "");
    String secret = request.headers().get("x-modal-token-secret", "");
    return HttpResponse.of(CompletableFuture.supplyAsync(() -> answer(id, secret, what), threads));
  }

  private HttpResponse answer(String tokenId, String tokenSecret, String what) {
    try {
      Optional<Caller.Client> caller = tokens.find(tokenId, tokenSecret);
      return caller
          .map(client ->
              text(HttpStatus.OK, String.join("\n", explanations.of(client.workspace(), what))))
          .orElseGet(() ->
              text(
                  HttpStatus.UNAUTHORIZED,
                  "send the headers x-modal-token-id and x-modal-token-secret"));
    } catch (SlipwayException e) {
      return text(
          e.kind() == ErrorKind.NOT_FOUND ? HttpStatus.NOT_FOUND : HttpStatus.BAD_REQUEST,
          String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.error("the question why {} could not be answered", what, e);
      return text(HttpStatus.INTERNAL_SERVER_ERROR, "the server failed; its log says how");
    }
  }

  private static HttpResponse text(HttpStatus status, String text) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, "%s", text + "\n");
  }
}
