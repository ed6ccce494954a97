package dev.runlore;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * Messages that outlive the process, as files: the last good answers, the heads of histories, and lists of files.
 *
 * <p>A cache that cannot be written to stays as it is: it is never a reason to fail.
 */
final class Cache {
  private static final System.Logger LOG = System.getLogger("dev.runlore");

  private final Path root;

  /** Keeps to a folder of its own: other clients have caches of other forms beside it. */
  Cache(Path root) {
    this.root = root.resolve("java");
  }

  /** A message, and when it was kept. */
  record Kept<M>(M message, Instant time) {}

  /** Returns what is kept of a kind under a name, if it can be read. */
  <M extends Message> Optional<Kept<M>> load(String kind, String name, Parser<M> parser) {
    Path file = file(kind, name);
    try {
      return Optional.of(new Kept<>(parser.parseFrom(Files.readAllBytes(file)), Files.getLastModifiedTime(file).toInstant()));
    } catch (InvalidProtocolBufferException damaged) {
      LOG.log(System.Logger.Level.WARNING, "{0} is damaged and of no use: {1}", file, damaged.getMessage());
      return Optional.empty();
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  /** Keeps a message in place of the one before; false when it cannot be written. */
  boolean keep(String kind, String name, Message message) {
    Path file = file(kind, name);
    try {
      Files.createDirectories(file.getParent());
      Path scratch = Files.createTempFile(file.getParent(), ".new-", "");
      try {
        Files.write(scratch, message.toByteArray());
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
        return true;
      } finally {
        Files.deleteIfExists(scratch);
      }
    } catch (IOException unwritable) {
      LOG.log(System.Logger.Level.DEBUG, "cannot keep {0}: {1}", file, unwritable.toString());
      return false;
    }
  }

  /** Forgets what is kept. */
  void forget(String kind, String name) throws IOException {
    Path file = file(kind, name);
    if (Files.exists(file)) {
      Files.delete(file);
    }
  }

  private Path file(String kind, String name) {
    return root.resolve(kind).resolve(Digests.sha256(name.getBytes(StandardCharsets.UTF_8)) + ".binpb");
  }
}
