package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runlore.v1.GetRunRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Each point exactly once, compared with what GetMetricHistory says afterwards. */
@ExtendWith(Leaks.class)
class MetricWriterTest {
  private static RunloreServer server;
  @TempDir static Path cache;

  @BeforeAll
  static void start() throws IOException {
    server = RunloreServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static List<Double> upTo(int count) {
    return DoubleStream.iterate(0, x -> x + 1).limit(count).boxed().toList();
  }

  @Test
  void connectionsAreCutOverAndOver() throws Exception {
    Random random = new Random(7);
    try (Proxy proxy = new Proxy(server.address());
        Runlore client = server.client(cache).address(proxy.address()).build();
        Runlore direct = server.client(cache).build()) {
      String run = World.createRun(direct);
      MetricWriter writer = client.metrics(run);
      for (int i = 0; i < 30_000; i++) {
        writer.log(Map.of("loss", (double) i, "auc", -(double) i), i);
        if (i % 1_500 == 0) {
          Thread.sleep(random.nextInt(150));
          proxy.cut();
        }
      }
      writer.close();
      assertEquals(60_000, writer.committedPoints());
      Map<String, List<Double>> history = World.history(direct, run);
      assertEquals(upTo(30_000), history.get("loss"));
      assertEquals(30_000, history.get("auc").size());
    }
  }

  @Test
  void theServerIsKilledMeanwhile() throws Exception {
    try (RunloreServer own = RunloreServer.start();
        Runlore client = own.client(cache).timeout(Duration.ofSeconds(60)).build()) {
      String run = World.createRun(client);
      try (MetricWriter writer = client.metrics(run)) {
        for (int i = 0; i < 20_000; i++) {
          writer.log("loss", i, i);
          if (i == 10_000) {
            writer.flush(Duration.ofSeconds(30));
            own.stop(true);
            own.startAgain();
          }
        }
      }
      assertEquals(upTo(20_000), World.history(client, run).get("loss"));
    }
  }

  @Test
  void aWriterThatStartsOverPassesOverWhatIsStored() {
    try (Runlore client = server.client(cache).build()) {
      String run = World.createRun(client);
      for (int count : new int[] {300, 1_000, 1_000}) {
        try (MetricWriter writer = client.metrics(run, "again")) {
          for (int i = 0; i < count; i++) {
            writer.log("loss", i, i);
          }
        }
      }
      assertEquals(upTo(1_000), World.history(client, run).get("loss"));
    }
  }

  @Test
  void valuesAreExact() {
    try (Runlore client = server.client(cache).build()) {
      String run = World.createRun(client);
      List<Double> values = List.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0, Double.MIN_VALUE, 0.1);
      try (MetricWriter writer = client.metrics(run)) {
        values.forEach(value -> writer.log("🐛 loss", Long.MIN_VALUE, value));
      }
      assertEquals(values, World.history(client, run).get("🐛 loss"));
    }
  }

  @Test
  void manyKeysTakeMoreThanOneStream() {
    try (Runlore client = server.client(cache).timeout(Duration.ofMinutes(2)).build()) {
      String run = World.createRun(client);
      try (MetricWriter writer = client.metrics(run)) {
        for (int i = 0; i < 10_001; i++) {
          writer.log("key " + i, 0, i);
        }
      }
      assertEquals(10_001, World.history(client, run).size());
    }
  }

  @Test
  void aRunThatIsNotThereIsToldToWhoeverLogs() {
    try (Runlore client = server.client(cache).build()) {
      MetricWriter writer = client.metrics("0".repeat(32));
      RunloreException error =
          assertThrows(
              RunloreException.class,
              () -> {
                writer.log("loss", 0, 1);
                writer.flush(Duration.ofSeconds(20));
              });
      assertEquals("RUN_NOT_FOUND", error.reason());
      assertEquals("RUN_NOT_FOUND", assertThrows(RunloreException.class, writer::close).reason());
    }
  }

  @Test
  void aKeyThatBreaksARuleIsRefusedAtOnceAndTheOthersAreStored() {
    try (Runlore client = server.client(cache).build()) {
      String run = World.createRun(client);
      try (MetricWriter writer = client.metrics(run)) {
        writer.log("loss", 0, 0);
        for (String key : new String[] {"", "a\nb", "k".repeat(251), "half \ud83d"}) {
          RunloreException error = assertThrows(RunloreException.class, () -> writer.log(key, 0, 1));
          assertEquals(Status.Code.INVALID_ARGUMENT, error.code());
        }
      }
      assertEquals(Map.of("loss", List.of(0.0)), World.history(client, run));
    }
  }

  @Test
  void aSilentWriterStaysAlive() {
    try (Runlore client = server.client(cache).build()) {
      String run = World.createRun(client);
      try (MetricWriter writer = client.metrics(run)) {
        writer.log("loss", 0, 0);
        writer.flush(Duration.ofSeconds(20));
        assertTrue(
            client
                .call(() -> client.tracking().getRun(GetRunRequest.newBuilder().setRunId(run).build()))
                .getRun()
                .hasLastHeartbeatTime());
      }
    }
  }

  @Test
  void theBufferHasAnEnd() throws Exception {
    try (Proxy proxy = new Proxy(server.address());
        Runlore client = server.client(cache).address(proxy.address()).timeout(Duration.ofSeconds(1)).build()) {
      proxy.close();
      MetricWriter writer = client.metrics("0".repeat(32));
      RunloreException full =
          assertThrows(
              RunloreException.class,
              () -> {
                for (int i = 0; i <= 100_000; i++) {
                  writer.log("loss", i, i);
                }
              });
      assertEquals(Status.Code.UNAVAILABLE, full.code());
      assertEquals(Status.Code.DEADLINE_EXCEEDED, assertThrows(RunloreException.class, writer::close).code());
    }
  }
}
