package dev.slipway.images.registry;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.images.outbound.LazyClient;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;

/// Pulls images by the OCI distribution protocol into a content store.
public final class Registry implements AutoCloseable {
  /// How many layers of one image are downloaded at once.
  static final int MOST_PARALLEL_LAYERS = 4;

  /// How often a layer is tried when its connection breaks.
  static final int MOST_ATTEMPTS = 3;

  /// Most bytes of a manifest or a config document.
  static final int MOST_DOCUMENT_BYTES = 8 << 20;

  private static final Duration ATTEMPT_PAUSE = Duration.ofMillis(500);
  private static final long PROGRESS_STEP_BYTES = 4L << 20;
  private static final int BUFFER_BYTES = 1 << 16;

  private final RegistrySettings settings;
  private final ContentStore content;
  private final LazyClient client;
  private final SharedDownloads shared = new SharedDownloads();

  public Registry(RegistrySettings settings, ContentStore content, Outbound outbound) {
    this.settings = settings;
    this.content = content;
    this.client = outbound.client(settings.answerTimeout());
  }

  /// Pulls an image for linux/amd64. What is unpacked on this machine already is not downloaded;
  /// every byte that comes is checked against its digest.
  ///
  /// Pulls without a login that want the same layer at the same time download it once.
  ///
  /// @param login of whoever wants the image, which only the registry itself gets: no mirror is
  ///   asked then, and the configured credentials are not used
  /// @param unpacked what need not come
  /// @throws RegistryAwayException when nobody is there
  /// @throws SlipwayException DENIED, NOT_FOUND, EXHAUSTED or UNAVAILABLE as the registry answers,
  ///   or when it is blocked; UNSUPPORTED for images of another platform or format; DATA_LOSS when
  ///   what it sends is not what it announced
  public PulledImage pull(
      RegistryReference reference,
      Optional<RegistryLogin> login,
      UnpackedLayers unpacked,
      PullProgress progress)
      throws InterruptedException, RegistryAwayException {
    if (settings.blocked().contains(reference.registry())) {
      throw new SlipwayException(
          ErrorKind.DENIED,
          "registry %s is blocked by this installation's settings".formatted(reference.registry()));
    }
    Pull pull =
        new Pull(reference, login.isEmpty(), unpacked, progress, ConcurrentHashMap.newKeySet());
    URI own = address(reference.registry());
    if (login.isPresent()) {
      RegistrySettings.Credentials credentials =
          switch (login.get()) {
            case RegistrySettings.Credentials given -> given;
            case AmazonKeys keys ->
                new AmazonLogins(client.get(), settings).exchange(keys, reference.registry());
          };
      return pull(pull, connection(own, reference, Optional.of(credentials)));
    }
    for (URI mirror : settings.mirrors().getOrDefault(reference.registry(), List.of())) {
      try {
        return pull(pull, connection(mirror, reference, Optional.empty()));
      } catch (SlipwayException | RegistryAwayException e) {
        progress.note("The mirror is passed over: " + e.getMessage() + ".");
      }
    }
    Optional<RegistrySettings.Credentials> credentials =
        Optional.ofNullable(settings.credentials().get(reference.registry()));
    return pull(pull, connection(own, reference, credentials));
  }

  /// A pull under way, from whatever address.
  ///
  /// @param shares whether it takes what others download and lets them take what it does: not with
  ///   a login, which may open what others may not read
  /// @param got what it has in the content store
  private record Pull(
      RegistryReference reference,
      boolean shares,
      UnpackedLayers unpacked,
      PullProgress progress,
      Set<Digest> got) {}

  private RegistryConnection connection(
      URI address,
      RegistryReference reference,
      Optional<RegistrySettings.Credentials> credentials) {
    return new RegistryConnection(
        client.get(), settings, address, reference.repository(), credentials);
  }

  private URI address(String registry) {
    String host =
        registry.equals(RegistryReference.DEFAULT_REGISTRY) ? "registry-1.docker.io" : registry;
    String name = host.split(":", 2)[0];
    boolean here = name.equals("localhost") || name.startsWith("127.");
    boolean plain = here || settings.plainHttp().contains(registry);
    return URI.create((plain ? "http://" : "https://") + host);
  }

  private PulledImage pull(Pull pull, RegistryConnection connection)
      throws InterruptedException, RegistryAwayException {
    RegistryReference reference = pull.reference();
    String image = reference.toString();
    byte[] bytes = document(connection.manifest(reference.version()), image);
    if (reference.digest().isPresent()) {
      requireDigest(image, reference.digest().get(), bytes);
    }
    JsonNode document = Manifests.parse(image, bytes);
    Optional<Manifests.Descriptor> chosen = Manifests.findForPlatform(image, document);
    if (chosen.isPresent()) {
      bytes = document(connection.manifest("sha256:" + chosen.get().digest().hex()), image);
      requireDigest(image, chosen.get().digest(), bytes);
      document = Manifests.parse(image, bytes);
    }
    Manifests.Manifest manifest = Manifests.manifest(image, document);
    Digest configDigest = manifest.config().digest();
    byte[] configBytes = document(connection.blob("sha256:" + configDigest.hex()), image);
    requireDigest(image, configDigest, configBytes);
    Manifests.Config config = Manifests.config(image, Manifests.parse(image, configBytes));
    if (config.contents().size() != manifest.layers().size()) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "the manifest of %s names %d layers and its config %d"
              .formatted(image, manifest.layers().size(), config.contents().size()));
    }
    List<PulledImage.Layer> layers = new ArrayList<>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      Manifests.Descriptor layer = manifest.layers().get(i);
      layers.add(new PulledImage.Layer(layer.digest(), layer.size(), config.contents().get(i)));
    }
    downloadAll(connection, layers, pull);
    return new PulledImage(Digest.sha256(bytes), layers, config.image());
  }

  private static byte[] document(InputStream body, String image) {
    try (body) {
      byte[] bytes = body.readNBytes(MOST_DOCUMENT_BYTES + 1);
      if (bytes.length > MOST_DOCUMENT_BYTES) {
        throw new SlipwayException(
            ErrorKind.UNSUPPORTED,
            "a document of %s is larger than %,d bytes".formatted(image, MOST_DOCUMENT_BYTES));
      }
      return bytes;
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the registry broke off its answer about %s: %s".formatted(image, e.getMessage()),
          e);
    }
  }

  private void downloadAll(RegistryConnection connection, List<PulledImage.Layer> all, Pull pull)
      throws InterruptedException, RegistryAwayException {
    List<PulledImage.Layer> layers = List.copyOf(new LinkedHashSet<>(all));
    Semaphore places = new Semaphore(MOST_PARALLEL_LAYERS);
    try (ExecutorService downloads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      try {
        for (int i = 0; i < layers.size(); i++) {
          PulledImage.Layer layer = layers.get(i);
          UnpackedLayers.Standing standing = pull.unpacked().look(layer);
          String here =
              "Layer %d of %d is on this machine already.".formatted(i + 1, layers.size());
          running.add(
              downloads.submit(() -> {
                places.acquire();
                try {
                  bring(connection, layer, standing, here, pull);
                } finally {
                  places.release();
                }
                return layer;
              }));
        }
        for (Future<?> download : running) {
          download.get();
        }
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case SlipwayException failure -> throw failure;
          case RegistryAwayException away -> throw away;
          case null, default ->
              throw new IllegalStateException("a layer could not be downloaded", e.getCause());
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the layers of this machine cannot be read", e);
      } finally {
        running.forEach(download -> download.cancel(true));
      }
    }
  }

  private void bring(
      RegistryConnection connection,
      PulledImage.Layer layer,
      UnpackedLayers.Standing standing,
      String here,
      Pull pull)
      throws InterruptedException, RegistryAwayException {
    switch (standing) {
      case FOR_ALL -> pull.progress().note(here);
      case FOR_READERS -> {
        connection.requireReadable("sha256:" + layer.digest().hex());
        pull.progress().note(here);
      }
      case MISSING -> {
        if (!pull.got().contains(layer.digest())) {
          if (pull.shares()) {
            shared.bring(
                connection.host(),
                layer,
                pull.unpacked(),
                pull.progress(),
                progress -> download(connection, layer, progress));
          } else {
            download(connection, layer, pull.progress());
          }
          pull.got().add(layer.digest());
        }
      }
    }
  }

  private void download(
      RegistryConnection connection, PulledImage.Layer layer, PullProgress progress)
      throws InterruptedException, RegistryAwayException {
    for (int attempt = 1; ; attempt++) {
      try {
        downloadOnce(connection, layer, progress);
        progress.downloaded(layer.digest(), layer.size(), layer.size());
        return;
      } catch (IOException e) {
        String sentence =
            "registry %s broke off layer %s: %s"
                .formatted(connection.host(), layer.digest(), e.getMessage());
        if (attempt == MOST_ATTEMPTS) {
          throw new SlipwayException(ErrorKind.UNAVAILABLE, sentence, e);
        }
        progress.note(sentence + "; trying again.");
        Thread.sleep(ATTEMPT_PAUSE);
      }
    }
  }

  private void downloadOnce(
      RegistryConnection connection, PulledImage.Layer layer, PullProgress progress)
      throws IOException, InterruptedException, RegistryAwayException {
    try (InputStream body = connection.blob("sha256:" + layer.digest().hex());
        Upload upload = content.begin()) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long shown = 0;
      int count;
      while ((count = body.read(buffer)) >= 0) {
        if (upload.length() + count > layer.size()) {
          throw lies(connection.host(), layer);
        }
        upload.append(ByteBuffer.wrap(buffer, 0, count));
        if (upload.length() - shown >= PROGRESS_STEP_BYTES) {
          shown = upload.length();
          progress.downloaded(layer.digest(), shown, layer.size());
        }
      }
      if (upload.length() < layer.size()) {
        throw new IOException("%,d of %,d bytes came".formatted(upload.length(), layer.size()));
      }
      try {
        upload.commit(layer.digest());
      } catch (SlipwayException e) {
        throw e.kind() == ErrorKind.INVALID ? lies(connection.host(), layer) : e;
      }
    }
  }

  private static SlipwayException lies(String host, PulledImage.Layer layer) {
    return new SlipwayException(
        ErrorKind.DATA_LOSS,
        "what registry %s sent for layer %s has another digest".formatted(host, layer.digest()));
  }

  private static void requireDigest(String image, Digest expected, byte[] bytes) {
    Digest found = Digest.sha256(bytes);
    if (!found.equals(expected)) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "a document of %s has the digest %s where %s was announced"
              .formatted(image, found, expected));
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
