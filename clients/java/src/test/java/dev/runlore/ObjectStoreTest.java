package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runlore.v1.GetManifestRequest;
import dev.runlore.v1.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Bytes between this client and a real S3 server, on presigned URLs; through the server where there is no way to it. */
@ExtendWith(Leaks.class)
class ObjectStoreTest {
  /** Two chunks and a bit. */
  private static final int SIZE = 2 * 16 * 1024 * 1024 + 77;
  /** Beside files, calls take less than this. */
  private static final long TALK = 1024 * 1024;

  private static S3Server s3;
  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    s3 = new S3Server();
  }

  @AfterAll
  static void stop() throws Exception {
    s3.close();
  }

  @Test
  void bytesGoStraightToTheStoreAndFromIt() throws Exception {
    try (Proxy store = new Proxy(s3.address());
        RunloreServer server = server("http://" + store.address(), "straight");
        Proxy registry = new Proxy(server.address());
        Runlore client = client(server, registry)) {
      Path pushed = files(1);
      ModelVersion version = client.push(pushed, "m");
      assertTrue(store.bytes() > SIZE, "sent to the store: " + store.bytes());
      long sent = store.bytes();
      client.push(pushed, "again");
      assertTrue(store.bytes() - sent < TALK, "sent again: " + (store.bytes() - sent));

      client.pull("models:/m/1", folder.resolve("pulled"));
      same(pushed, folder.resolve("pulled"));
      GetManifestRequest part =
          GetManifestRequest.newBuilder().setManifestDigest(version.getManifestDigest()).setPath("sub").build();
      assertEquals(1, client.pull(part, folder.resolve("part")).getFileCount());
      assertTrue(store.bytes() - sent > SIZE, "brought from the store: " + (store.bytes() - sent));
      assertTrue(registry.bytes() < TALK, "through the server: " + registry.bytes());
    }
  }

  @Test
  void aStoreThatIsCutOffOrCannotBeReachedIsNotNeeded() throws Exception {
    try (Proxy store = new Proxy(s3.address());
        RunloreServer server = server("http://" + store.address(), "cut");
        Proxy registry = new Proxy(server.address());
        Runlore client = client(server, registry)) {
      Thread cutter = new Thread(() -> cutOnceSomeCame(store));
      cutter.start();
      Path pushed = files(2);
      client.push(pushed, "m");
      cutter.join();
      client.pull("models:/m/1", folder.resolve("pulled"));
      same(pushed, folder.resolve("pulled"));

      store.close();
      long before = registry.bytes();
      client.pull("models:/m/1", folder.resolve("streamed"));
      same(pushed, folder.resolve("streamed"));
      Path more = files(3);
      client.push(more, "m");
      client.pull("models:/m/2", folder.resolve("streamed too"));
      same(more, folder.resolve("streamed too"));
      assertTrue(registry.bytes() - before > 3L * SIZE, "through the server: " + (registry.bytes() - before));
    }
  }

  private static RunloreServer server(String publicEndpoint, String prefix) throws IOException {
    return RunloreServer.start(s3.variables(publicEndpoint), "--artifacts", s3.artifacts() + "/" + prefix);
  }

  private Runlore client(RunloreServer server, Proxy registry) {
    return server.client(folder.resolve("cache")).address(registry.address()).timeout(Duration.ofMinutes(2)).build();
  }

  private static void cutOnceSomeCame(Proxy store) {
    try {
      World.eventually(() -> "some bytes come", Duration.ofMinutes(2), () -> store.bytes() > 1_000_000);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
    store.cut();
  }

  private Path files(long seed) throws IOException {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    Path made = folder.resolve("files-" + seed);
    Files.createDirectories(made);
    Files.write(made.resolve("weights.bin"), bytes);
    World.write(made, "sub/notes " + seed + " ü.txt", "the first");
    World.write(made, "empty", "");
    return made;
  }

  private static void same(Path wanted, Path found) throws IOException {
    assertEquals(names(wanted), names(found));
    for (String name : names(wanted)) {
      assertArrayEquals(Files.readAllBytes(wanted.resolve(name)), Files.readAllBytes(found.resolve(name)), name);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).map(path -> folder.relativize(path).toString()).sorted().toList();
    }
  }
}
