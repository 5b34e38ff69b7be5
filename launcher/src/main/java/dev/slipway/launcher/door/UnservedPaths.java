package dev.slipway.launcher.door;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.slipway.controlplane.rpc.RpcServices;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Answers what nothing else answers: unknown gRPC methods as gRPC does, everything else as HTTP
/// does.
final class UnservedPaths implements HttpService {
  private static final String GRPC = "application/grpc";

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    String contentType = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    return contentType.startsWith(GRPC)
        ? failure(RpcServices.unknownMethod(context.path().substring(1)))
        : HttpResponse.of(
            HttpStatus.NOT_FOUND, MediaType.PLAIN_TEXT_UTF_8, "Nothing is served at this path.\n");
  }

  /// A gRPC answer that has nothing but a status.
  private static HttpResponse failure(Status status) {
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.OK)
            .add(HttpHeaderNames.CONTENT_TYPE, GRPC)
            .addInt("grpc-status", status.getCode().value())
            .add("grpc-message", percentEncoded(String.valueOf(status.getDescription())))
            .build());
  }

  /// Headers carry printable ASCII only; gRPC writes everything else, and the percent sign, as
  /// bytes in hexadecimal.
  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }
}
