package dev.runlore.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runlore.Runlore;
import dev.runlore.RunloreServer;
import dev.runlore.v1.AliasExpectation;
import dev.runlore.v1.SetAliasRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process of its own, through a day of its life. */
class ModelServiceTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern READY = Pattern.compile("ready on (http://\\S+)");

  @TempDir Path folder;

  @Test
  void itServesThroughAnOutageAndSwapsWhenTheAliasMoves() throws Exception {
    try (RunloreServer registry = RunloreServer.start();
        Runlore owner = registry.client(folder.resolve("owner")).build()) {
      register(owner, "bias=0\nage=1\n");
      register(owner, "bias=0\nage=-1\n");
      move(owner, 1);

      Process service = start(registry.address());
      try {
        String url = ready(service);
        assertEquals("{\"version\": 1, \"probability\": 0.880797}", get(url + "?age=2"));
        assertTrue(get(url + "?age=two").contains("given as numbers"));

        registry.stop(false);
        assertEquals("{\"version\": 1, \"probability\": 0.880797}", get(url + "?age=2"), "without a registry");

        // A pod that is started anew during the outage.
        end(service);
        service = start(registry.address());
        url = ready(service);
        assertEquals("{\"version\": 1, \"probability\": 0.880797}", get(url + "?age=2"), "booted without a registry");

        registry.startAgain();
        move(owner, 2);
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!get(url + "?age=2").equals("{\"version\": 2, \"probability\": 0.119203}")) {
          assertTrue(System.nanoTime() < end, "the service did not swap: " + get(url + "?age=2"));
          Thread.sleep(100);
        }
      } finally {
        end(service);
      }
    }
  }

  private void register(Runlore owner, String weights) throws IOException {
    Path files = Files.createTempDirectory(folder, "model");
    Files.writeString(files.resolve("weights.properties"), weights);
    owner.push(files, "ctr");
  }

  private static void move(Runlore owner, long version) {
    SetAliasRequest request =
        SetAliasRequest.newBuilder()
            .setModelName("ctr")
            .setAlias("champion")
            .setVersion(version)
            .setExpect(AliasExpectation.newBuilder().setAny(true))
            .setReason("the story goes on")
            .build();
    owner.call(() -> owner.registry().setAlias(request));
  }

  private Process start(String registry) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("surefire.real.class.path", System.getProperty("java.class.path")),
            ModelService.class.getName(),
            "ctr",
            "champion",
            folder.resolve("service").toString(),
            "0");
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLORE_"));
    builder.environment().put("RUNLORE_ADDRESS", registry);
    return builder.redirectErrorStream(true).start();
  }

  /** Waits for the ready line; all that the service says is shown. */
  private static String ready(Process service) throws Exception {
    CompletableFuture<String> url = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  System.out.println("service: " + line);
                  Matcher matcher = READY.matcher(line);
                  if (matcher.matches()) {
                    url.complete(matcher.group(1));
                  }
                }
              } catch (IOException ended) {
                // As it does with its process.
              }
              url.completeExceptionally(new IllegalStateException("the service ended before it was ready"));
            });
    reader.setDaemon(true);
    reader.start();
    return url.get(60, TimeUnit.SECONDS);
  }

  private static void end(Process service) throws InterruptedException {
    service.destroy();
    assertTrue(service.waitFor(20, TimeUnit.SECONDS), "the service did not end");
  }

  private static String get(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
