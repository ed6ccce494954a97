package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runlore.v1.Event;
import dev.runlore.v1.WatchRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A watch outlives its connections and its server. */
@ExtendWith(Leaks.class)
class WatchTest {
  private static final Duration MOST = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void everyEventComesOnceAndInOrderWhateverBreaks() throws Exception {
    try (RunloreServer server = RunloreServer.start();
        Proxy proxy = new Proxy(server.address());
        Runlore direct = server.client(folder.resolve("cache")).build();
        Runlore client = server.client(folder.resolve("cache")).address(proxy.address()).build()) {
      RunloreException absent =
          assertThrows(
              RunloreException.class, () -> client.watch(WatchRequest.newBuilder().setModelName("m").build()));
      assertEquals("MODEL_NOT_FOUND", absent.reason());
      Files.createDirectories(folder.resolve("f"));
      World.write(folder, "f/weights.csv", "1");
      for (int i = 0; i < 2; i++) {
        direct.push(folder.resolve("f"), "m");
      }

      List<Event> seen = new CopyOnWriteArrayList<>();
      Watch watch = client.watch(WatchRequest.newBuilder().setModelName("m").setAlias("champion").build());
      Thread reader = new Thread(() -> watch.stream().forEach(seen::add));
      reader.start();
      World.eventually(() -> "the watch has begun", MOST, () -> !watch.position().isEmpty());
      for (int move = 0; move < 20; move++) {
        World.setAlias(direct, "m", "champion", 1 + move % 2);
        if (move % 4 == 1) {
          proxy.cut();
        }
        if (move == 10) {
          server.stop(true);
          server.startAgain();
        }
      }
      World.eventually(() -> "20 events, not " + seen.size(), MOST, () -> seen.size() >= 20);
      String position = watch.position();
      watch.close();
      reader.join(MOST.toMillis());
      assertFalse(reader.isAlive());
      assertFalse(watch.hasNext());

      for (int i = 0; i < 20; i++) {
        assertEquals(1 + i % 2, seen.get(i).getAfter().getAlias().getVersion());
        assertEquals(seen.get(0).getRevision() + i, seen.get(i).getRevision());
      }
      assertEquals(20, seen.size());

      World.setAlias(direct, "m", "champion", 1);
      try (Watch later =
          direct.watch(
              WatchRequest.newBuilder().setModelName("m").setAlias("champion").setAfterPosition(position).build())) {
        assertEquals(seen.get(19).getRevision() + 1, later.next().getRevision());
      }
    }
  }
}
