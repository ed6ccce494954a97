package dev.runlore.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.runlore.Resolved;
import dev.runlore.Runlore;
import dev.runlore.RunloreException;
import dev.runlore.Watch;
import dev.runlore.v1.Event;
import dev.runlore.v1.EventKind;
import dev.runlore.v1.WatchRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves predictions of a model's champion.
 *
 * <p>At boot it resolves the alias and pulls the version's files, or boots from the last known good ones when the
 * registry is down. From then on it follows the alias, and swaps models between two requests. It never needs the
 * registry to answer.
 *
 * <pre>java dev.runlore.examples.ModelService ctr champion /var/lib/ranker 8080</pre>
 */
public final class ModelService implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Runlore runlore;
  private final String name;
  private final String alias;
  private final Path folder;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Thread follower;
  private volatile Model model;
  private volatile Watch watch;
  private volatile boolean closed;

  ModelService(Runlore runlore, String name, String alias, Path folder, int port) throws IOException {
    this.runlore = runlore;
    this.name = name;
    this.alias = alias;
    this.folder = folder;
    Resolved now = swap();
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext("/predict", this::predict);
    http.createContext("/version", exchange -> answer(exchange, 200, Long.toString(model.version())));
    http.setExecutor(threads);
    http.start();
    this.follower = new Thread(() -> follow(now.response().getPosition()), "follow-" + alias);
    follower.start();
  }

  /** Brings the version that the alias names, and serves it from then on. */
  private Resolved swap() throws IOException {
    Resolved resolved = runlore.resolve("models:/" + name + "@" + alias);
    // Named by what is in it: a version that was pulled before, by an earlier process too, is there already.
    Path files = folder.resolve(resolved.response().getModelVersion().getManifestDigest());
    runlore.pull(resolved, files);
    long version = resolved.response().getModelVersion().getVersion();
    model = Model.load(version, files);
    System.out.printf("serving version %d%s%n", version, resolved.stale() ? ", the last known good one" : "");
    return resolved;
  }

  /** Follows the alias from a position on; a move is a reason to ask, and the answer is what counts. */
  private void follow(String position) {
    WatchRequest request =
        WatchRequest.newBuilder()
            .setModelName(name)
            .setAlias(alias)
            .addKinds(EventKind.EVENT_KIND_ALIAS_SET)
            .addKinds(EventKind.EVENT_KIND_ALIAS_ROLLED_BACK)
            .setAfterPosition(position)
            .build();
    while (!closed) {
      try (Watch events = runlore.watch(request)) {
        watch = events;
        while (!closed && events.hasNext()) {
          Event event = events.next();
          System.out.printf("%s moved to version %d: %s%n", alias, event.getAfter().getAlias().getVersion(), event.getReason());
          if (event.getAfter().getAlias().getVersion() != model.version()) {
            swap();
          }
          request = request.toBuilder().setAfterPosition(events.position()).build();
        }
      } catch (RunloreException | IOException error) {
        // As when the registry was down at boot, or the disk is full: the present model goes on meanwhile.
        System.out.println("cannot follow " + alias + " now: " + error.getMessage());
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException end) {
      closed = true;
    }
  }

  private void predict(HttpExchange exchange) throws IOException {
    // One reading, so that the version said is the one that predicted.
    Model current = model;
    try {
      double probability = current.predict(features(exchange.getRequestURI().getRawQuery()));
      answer(exchange, 200, String.format(Locale.ROOT, "{\"version\": %d, \"probability\": %.6f}", current.version(), probability));
    } catch (NumberFormatException wrong) {
      answer(exchange, 400, "features are given as numbers, such as /predict?age=3&clicks=0.5: " + wrong.getMessage());
    }
  }

  private static Map<String, Double> features(String query) {
    Map<String, Double> features = new HashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      String[] parts = URLDecoder.decode(pair, StandardCharsets.UTF_8).split("=", 2);
      features.put(parts[0], Double.valueOf(parts.length == 2 ? parts[1] : ""));
    }
    return features;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes);
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** Ends it; the client is its owner's to close. */
  @Override
  public void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
    follower.interrupt();
    http.stop(0);
    threads.shutdown();
  }

  /** Serves until the process ends. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 4) {
      System.err.println("usage: ModelService MODEL ALIAS FOLDER PORT");
      System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(arguments[2]));
    Runlore runlore = Runlore.builder().actor("service:" + arguments[0]).cache(folder.resolve("cache")).build();
    ModelService service =
        new ModelService(runlore, arguments[0], arguments[1], folder, Integer.parseInt(arguments[3]));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  service.close();
                  runlore.close();
                }));
    System.out.printf("ready on http://127.0.0.1:%d/predict%n", service.port());
  }
}
