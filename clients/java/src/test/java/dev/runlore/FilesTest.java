package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are pushed and pulled. */
@ExtendWith(Leaks.class)
class FilesTest {
  @TempDir Path folder;

  @Test
  void whatIsPulledIsWhatWasPushedOrNothing() throws Exception {
    try (RunloreServer server = RunloreServer.start();
        Runlore client = server.client(folder.resolve("cache")).build()) {
      Path pushed = folder.resolve("pushed");
      World.write(pushed, "weights.csv", "0.1,0.2");
      World.write(pushed, "sub/notes.txt", "the first");
      assertEquals(1, client.push(pushed, "m").getVersion());

      Path pulled = folder.resolve("pulled");
      assertFalse(client.pull("models:/m/1", pulled).stale());
      assertEquals("0.1,0.2", Files.readString(pulled.resolve("weights.csv")));
      Files.writeString(pulled.resolve("weights.csv"), "0.1,0.3");
      assertThrows(FileAlreadyExistsException.class, () -> client.pull("models:/m/1", pulled));
      Files.writeString(pulled.resolve("weights.csv"), "0.1,0.2");

      damage(server.data(), "0.1,0.2");
      Path broken = folder.resolve("broken");
      RunloreException error = assertThrows(RunloreException.class, () -> client.pull("models:/m/1", broken));
      assertEquals(Status.Code.DATA_LOSS, error.code());
      assertEquals("weights.csv", error.metadata().get("path"));
      assertFalse(Files.exists(broken));
      try (Stream<Path> left = Files.list(folder)) {
        assertFalse(left.anyMatch(path -> path.getFileName().toString().startsWith(".pull-")));
      }

      // What is here already needs no registry.
      server.stop(false);
      assertTrue(client.pull("models:/m/1", pulled).stale());
    }
  }

  @Test
  void whatHasNoPlaceInAManifestIsNotPushed() throws Exception {
    Path pushed = Files.createDirectory(folder.resolve("pushed"));
    try (Runlore nobody = Runlore.builder().address("127.0.0.1:1").build()) {
      assertEquals("folder", field(nobody, pushed), "no files");
      World.write(pushed, "a", "");
      Files.createSymbolicLink(pushed.resolve("out"), folder.resolve("elsewhere"));
      assertEquals("folder", field(nobody, pushed), "a link to nothing");
      World.write(folder, "elsewhere", "secret");
      assertEquals("folder", field(nobody, pushed), "a link that leads out");
      Files.delete(pushed.resolve("out"));
      World.write(pushed, "back\\slash", "");
      assertEquals("folder", field(nobody, pushed), "a backslash");
    }
  }

  private static String field(Runlore client, Path pushed) {
    RunloreException error = assertThrows(RunloreException.class, () -> client.push(pushed, "m"));
    assertEquals("INVALID_FIELD", error.reason());
    return error.violations().get(0).getField();
  }

  private static void damage(Path data, String bytes) throws IOException {
    String sha256 = Digests.sha256(bytes.getBytes(StandardCharsets.UTF_8));
    try (Stream<Path> all = Files.walk(data.resolve("artifacts"))) {
      Path blob = all.filter(path -> path.getFileName().toString().equals(sha256)).findAny().orElseThrow();
      blob.toFile().setWritable(true);
      Files.writeString(blob, bytes.replace('1', '7'));
    }
  }
}
