package dev.runlore;

import dev.runlore.v1.AliasExpectation;
import dev.runlore.v1.CreateRegisteredModelRequest;
import dev.runlore.v1.CreateRunRequest;
import dev.runlore.v1.GetMetricHistoryRequest;
import dev.runlore.v1.MetricSeries;
import dev.runlore.v1.SetAliasRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What tests do with a server, and wait for. */
final class World {
  private World() {}

  static void createModel(Runlore client, String name) {
    client.call(() -> client.registry().createRegisteredModel(CreateRegisteredModelRequest.newBuilder().setName(name).build()));
  }

  static void setAlias(Runlore client, String model, String alias, long version) {
    SetAliasRequest request =
        SetAliasRequest.newBuilder()
            .setModelName(model)
            .setAlias(alias)
            .setVersion(version)
            .setExpect(AliasExpectation.newBuilder().setAny(true))
            .build();
    client.call(() -> client.registry().setAlias(request));
  }

  static String createRun(Runlore client) {
    return client.call(() -> client.tracking().createRun(CreateRunRequest.getDefaultInstance())).getRun().getRunId();
  }

  /** The values of each series in the order they were written. */
  static Map<String, List<Double>> history(Runlore client, String runId) {
    GetMetricHistoryRequest request = GetMetricHistoryRequest.newBuilder().addRunIds(runId).build();
    return client.call(
        () -> {
          Map<String, List<Double>> found = new HashMap<>();
          client
              .tracking()
              .getMetricHistory(request)
              .forEachRemaining(
                  message -> {
                    MetricSeries series = message.getSeries();
                    found.computeIfAbsent(series.getKey(), key -> new java.util.ArrayList<>()).addAll(series.getValuesList());
                  });
          return found;
        });
  }

  static void write(Path folder, String name, String text) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Waits for a condition, with an end. */
  static void eventually(Supplier<String> what, Duration most, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + most + ": " + what.get());
      }
      Thread.sleep(50);
    }
  }
}
