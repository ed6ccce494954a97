package dev.runlore;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Bytes straight between this client and an object store, over presigned URLs. */
final class ObjectStore implements AutoCloseable {
  /** How long the store may keep a transfer waiting for the next byte. */
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final Duration CONNECT = Duration.ofSeconds(10);
  /** What java.net.http sets by itself, and does not let anyone set. */
  private static final Set<String> ITS_OWN = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    ITS_OWN.addAll(Set.of("content-length", "host", "connection", "expect", "upgrade"));
  }

  private HttpClient http;

  ObjectStore(Path ca, ExecutorService threads) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).executor(threads);
    if (ca != null) {
      builder.sslContext(trusting(ca));
    }
    this.http = builder.build();
  }

  /** The store could not be reached, or did not take or give the bytes. */
  static final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The HTTP status, 0 without an answer. */
    final int status;

    StoreException(String message, int status) {
      super(message);
      this.status = status;
    }

    /** Whether another URL may do: this one is too old. */
    boolean isExpired() {
      return status == 401 || status == 403;
    }

    /** Whether the bytes are not those that the URL was signed for. */
    boolean isRefused() {
      return status == 400;
    }

    /** Whether it makes no sense to ask the store for anything more. */
    boolean isUnreachable() {
      return status == 0;
    }
  }

  /** Gives a chunk's bytes to a sink. */
  void get(String url, ChunkSink sink) throws StoreException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(SILENCE).GET().build();
    Receiver receiver = new Receiver(sink);
    HttpResponse<?> response =
        wait(
            http.sendAsync(
                request,
                info ->
                    info.statusCode() / 100 == 2
                        ? HttpResponse.BodySubscribers.fromSubscriber(receiver)
                        : HttpResponse.BodySubscribers.replacing(null)),
            sink::count,
            url);
    check(response);
    if (receiver.failure != null) {
      throw new UncheckedIOException(receiver.failure);
    }
  }

  /** Stores a blob; the headers are part of the URL's signature. */
  void put(String url, LocalFiles.Blob blob, Map<String, String> headers) throws StoreException {
    long[] sent = new long[1];
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(SILENCE)
            .PUT(
                BodyPublishers.fromPublisher(
                    BodyPublishers.ofInputStream(() -> new Counting(blob.open(0), sent)), blob.size()));
    headers.forEach(
        (name, value) -> {
          if (!ITS_OWN.contains(name)) {
            request.header(name, value);
          }
        });
    check(wait(http.sendAsync(request.build(), BodyHandlers.discarding()), () -> sent[0], url));
  }

  /** Lets connections go. Before Java 21 their thread ends once the garbage collector has found it of no use. */
  @Override
  public void close() {
    if ((Object) http instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception unexpected) {
        throw new IllegalStateException(unexpected);
      }
    }
    http = null;
  }

  private static void check(HttpResponse<?> response) throws StoreException {
    int status = response.statusCode();
    if (status / 100 != 2) {
      throw new StoreException("the object store answered " + status, status);
    }
  }

  private interface Progress {
    long bytes();
  }

  /** Waits for an answer, and no longer than {@link #SILENCE} for the next byte of it. */
  private static <T> HttpResponse<T> wait(
      CompletableFuture<HttpResponse<T>> answer, Progress progress, String url) throws StoreException {
    long seen = progress.bytes();
    while (true) {
      try {
        return answer.get(SILENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException silent) {
        if (progress.bytes() == seen) {
          answer.cancel(true);
          throw unusable(url, silent);
        }
        seen = progress.bytes();
      } catch (ExecutionException failed) {
        throw unusable(url, failed.getCause());
      } catch (InterruptedException interrupt) {
        answer.cancel(true);
        throw RunloreException.interrupted("transferring a file");
      }
    }
  }

  /** Neither the URL nor its signature belongs in a message. */
  private static StoreException unusable(String url, Throwable cause) {
    return new StoreException(
        "the object store at " + URI.create(url).getHost() + " cannot be used: " + cause.getClass().getSimpleName(), 0);
  }

  /** Trusts an authority beside the system's. */
  private static SSLContext trusting(Path ca) {
    try (InputStream pem = Files.newInputStream(ca)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("own-" + number++, certificate);
      }
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager system) {
          for (X509Certificate certificate : system.getAcceptedIssuers()) {
            store.setCertificateEntry("system-" + number++, certificate);
          }
        }
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return context;
    } catch (IOException | GeneralSecurityException unreadable) {
      throw RunloreException.invalid("ca", "cannot read '" + ca + "': " + unreadable.getMessage());
    }
  }

  private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** Hands what arrives to a sink, one piece at a time. */
  private static final class Receiver implements Flow.Subscriber<List<ByteBuffer>> {
    private final ChunkSink sink;
    private Flow.Subscription subscription;
    private volatile IOException failure;

    Receiver(ChunkSink sink) {
      this.sink = sink;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
      try {
        for (ByteBuffer piece : pieces) {
          sink.take(piece);
        }
        subscription.request(1);
      } catch (IOException disk) {
        failure = disk;
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable error) {
      // The answer tells.
    }

    @Override
    public void onComplete() {
      // The answer tells.
    }
  }

  /** Tells how far a file was read. */
  private static final class Counting extends java.io.FilterInputStream {
    private final long[] count;

    Counting(InputStream in, long[] count) {
      super(in);
      this.count = count;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      count[0] += Math.max(read, 0);
      return read;
    }
  }
}
