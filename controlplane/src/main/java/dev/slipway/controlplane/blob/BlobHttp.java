package dev.slipway.controlplane.blob;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceOptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.slipway.content.ContentStore;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The HTTP door of blobs, below [BlobLinks#PATH_PREFIX]: PUT a blob or a part of one, POST to put
/// the parts together, GET (also ranges) and HEAD.
///
/// Bytes pass through in pieces: neither side is read faster than the other one writes, and memory
/// is bounded whatever the size. Work is done on virtual threads.
public final class BlobHttp implements HttpService {
  /// A transfer on which nothing moved for so long is given up.
  static final Duration MAX_STALL = Duration.ofMinutes(2);

  /// How long putting the parts of a large blob together may take.
  private static final Duration MAX_COMPLETION = Duration.ofMinutes(30);

  /// The list of parts that completes an upload is no longer than this.
  private static final long MAX_COMPLETION_BYTES = 1 << 20;

  /// How much of a refused upload is read, so that its sender sees why: as much as a well-behaved
  /// sender sends at once.
  private static final long MAX_DRAINED_BYTES = BlobUploads.PART_BYTES;

  /// How much of a download is held in memory at once.
  private static final int PIECE_BYTES = 256 << 10;

  private static final Pattern PART =
      Pattern.compile(
          "<Part>\\s*<PartNumber>(\\d{1,5})</PartNumber>\\s*"
              + "<ETag>(?:\"|&quot;)?([0-9a-f]{32})(?:\"|&quot;)?</ETag>\\s*</Part>");

  private final Blobs blobs;
  private final BlobLinks links;
  private final BlobUploads uploads;
  private final ContentStore content;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public BlobHttp(Blobs blobs, BlobStore store, BlobLinks links, ContentStore content) {
    this.blobs = blobs;
    this.links = links;
    this.content = content;
    this.uploads = new BlobUploads(store, content);
  }

  /// Whatever the server's defaults are: every blob has a limit of its own, kept while its bytes
  /// arrive, and a transfer may take long as long as it moves.
  @Override
  public ServiceOptions options() {
    return ServiceOptions.builder()
        .maxRequestLength(0)
        .requestTimeoutMillis(MAX_STALL.toMillis())
        .build();
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    QueryParams parameters = context.queryParams();
    return switch (links.check(context.path(), parameters::get)) {
      case BlobLinks.Checked.Valid valid -> serve(context, request, valid.link());
      case BlobLinks.Checked.Expired expired ->
          answer(
              HttpStatus.GONE,
              "The address of blob %s expired at %s; ask for a new one."
                  .formatted(expired.link().blob(), expired.link().expires()));
      case BlobLinks.Checked.Unknown unknown ->
          answer(HttpStatus.NOT_FOUND, "This is not an address that the server gave out.");
    };
  }

  private HttpResponse serve(ServiceRequestContext context, HttpRequest request, BlobLink link) {
    HttpMethod method = request.method();
    return switch (link.purpose()) {
      case UPLOAD, UPLOAD_PART ->
          method == HttpMethod.PUT ? upload(context, request, link) : notAllowed(method, "PUT");
      case COMPLETE ->
          method == HttpMethod.POST ? complete(context, request, link) : notAllowed(method, "POST");
      case DOWNLOAD ->
          method == HttpMethod.GET || method == HttpMethod.HEAD
              ? download(context, request, link)
              : notAllowed(method, "GET or HEAD");
    };
  }

  private HttpResponse upload(ServiceRequestContext context, HttpRequest request, BlobLink link) {
    InputStream body =
        request.toInputStream(object -> {
          context.setRequestTimeout(TimeoutMode.SET_FROM_NOW, MAX_STALL);
          return object instanceof HttpData data ? data : HttpData.empty();
        });
    return onThread(() -> {
      try (body) {
        return receive(request.headers(), link, body);
      }
    });
  }

  private HttpResponse receive(RequestHeaders headers, BlobLink link, InputStream body)
      throws IOException {
    try {
      Blob blob = blobs.requireAddressed(link.blob());
      requireAnnouncedLength(headers, blob, link);
      Optional<byte[]> md5 = contentMd5(headers);
      String tag =
          link.purpose() == BlobLink.Purpose.UPLOAD
              ? uploads.putWhole(blob, body, md5)
              : uploads.putPart(blob, link.part(), body, md5);
      return HttpResponse.of(ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.ETAG, quote(tag)));
    } catch (SlipwayException e) {
      // A client that is still sending does not look at the answer, and shows a broken connection
      // instead of the reason.
      body.skip(MAX_DRAINED_BYTES);
      throw e;
    }
  }

  /// Refuses a body that is certain to be too long before it is sent.
  private static void requireAnnouncedLength(RequestHeaders headers, Blob blob, BlobLink link) {
    long length = headers.contentLength();
    if (length > blob.declaredLength()) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "blob %s was announced with %d bytes, and this %s has %d"
              .formatted(
                  blob.id(),
                  blob.declaredLength(),
                  link.purpose() == BlobLink.Purpose.UPLOAD ? "upload" : "part",
                  length));
    }
  }

  private HttpResponse complete(ServiceRequestContext context, HttpRequest request, BlobLink link) {
    context.setMaxRequestLength(MAX_COMPLETION_BYTES);
    context.setRequestTimeout(MAX_COMPLETION);
    CompletableFuture<AggregatedHttpRequest> whole = request.aggregate();
    return onThread(() -> {
      List<String> tags = parseParts(whole.join().contentUtf8());
      String tag = uploads.completeParts(blobs.requireAddressed(link.blob()), tags);
      return HttpResponse.of(
          HttpStatus.OK,
          MediaType.XML_UTF_8,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              + "<CompleteMultipartUploadResult><Key>%s</Key><ETag>\"%s\"</ETag>"
                  .formatted(link.blob(), tag)
              + "</CompleteMultipartUploadResult>\n");
    });
  }

  private static List<String> parseParts(String xml) {
    List<String> tags = new ArrayList<>();
    Matcher matcher = PART.matcher(xml);
    while (matcher.find()) {
      if (Integer.parseInt(matcher.group(1)) != tags.size() + 1) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "the list of parts names part %s where part %d was expected"
                .formatted(matcher.group(1), tags.size() + 1));
      }
      tags.add(matcher.group(2));
    }
    return tags;
  }

  private HttpResponse download(ServiceRequestContext context, HttpRequest request, BlobLink link) {
    context.setRequestTimeout(MAX_STALL);
    return onThread(() -> {
      Blob.Content stored = Blobs.requireContent(blobs.requireAddressed(link.blob()));
      String asked = request.headers().get(HttpHeaderNames.RANGE);
      return switch (ByteRange.parse(asked, stored.length())) {
        case ByteRange.Whole whole ->
            send(context, request, stored, HttpStatus.OK, 0, stored.length());
        case ByteRange.Part part ->
            send(
                context, request, stored, HttpStatus.PARTIAL_CONTENT, part.offset(), part.length());
        case ByteRange.Unsatisfiable unsatisfiable ->
            HttpResponse.of(
                ResponseHeaders.of(
                    HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                    HttpHeaderNames.CONTENT_RANGE,
                    "bytes */" + stored.length()),
                HttpData.ofUtf8(
                    "The range '%s' lies outside of a blob of %d bytes.\n"
                        .formatted(asked, stored.length())));
      };
    });
  }

  private HttpResponse send(
      ServiceRequestContext context,
      HttpRequest request,
      Blob.Content stored,
      HttpStatus status,
      long offset,
      long length) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status)
            .contentType(MediaType.OCTET_STREAM)
            .contentLength(length)
            .set(HttpHeaderNames.ACCEPT_RANGES, "bytes")
            .set(HttpHeaderNames.ETAG, quote(stored.digest().hex()));
    if (status == HttpStatus.PARTIAL_CONTENT) {
      headers.set(
          HttpHeaderNames.CONTENT_RANGE,
          "bytes %d-%d/%d".formatted(offset, offset + length - 1, stored.length()));
    }
    if (request.method() == HttpMethod.HEAD || length == 0) {
      return HttpResponse.of(headers.build());
    }
    InputStream bytes = content.open(stored.digest(), offset, length);
    // The stream reads the next piece when the one before has left.
    StreamMessage<HttpData> pieces =
        StreamMessage.builder(bytes)
            .bufferSize(PIECE_BYTES)
            .executor(threads)
            .build()
            .peek(piece -> context.setRequestTimeout(TimeoutMode.SET_FROM_NOW, MAX_STALL));
    return HttpResponse.of(headers.build(), pieces);
  }

  private static Optional<byte[]> contentMd5(RequestHeaders headers) {
    String value = headers.get(HttpHeaderNames.CONTENT_MD5);
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(value));
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the header Content-MD5 is not base64: '" + value + "'", e);
    }
  }

  /// What may fail while a request is served.
  private interface Work {
    HttpResponse run() throws IOException;
  }

  private HttpResponse onThread(Work work) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.run();
              } catch (SlipwayException e) {
                return answer(statusOf(e.kind()), String.valueOf(e.getMessage()));
              } catch (IOException e) {
                return answer(
                    HttpStatus.BAD_REQUEST, "The transfer broke off: " + e.getMessage() + ".");
              }
            },
            threads));
  }

  private static HttpStatus statusOf(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> HttpStatus.BAD_REQUEST;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case DENIED -> HttpStatus.FORBIDDEN;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case EXISTS, CONFLICT -> HttpStatus.CONFLICT;
      // The only limits here are lengths.
      case EXHAUSTED -> HttpStatus.REQUEST_ENTITY_TOO_LARGE;
      case UNSUPPORTED -> HttpStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
      case DATA_LOSS -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private static HttpResponse notAllowed(HttpMethod method, String expected) {
    return answer(
        HttpStatus.METHOD_NOT_ALLOWED,
        "This address takes %s, not %s.".formatted(expected, method));
  }

  private static HttpResponse answer(HttpStatus status, String sentence) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, sentence + "\n");
  }

  private static String quote(String tag) {
    return '"' + tag + '"';
  }
}
