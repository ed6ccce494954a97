package dev.runlore;

import dev.runlore.v1.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/** Writes a chunk's bytes to their place in a file, and hashes them on the way. */
final class ChunkSink implements AutoCloseable {
  private final Chunk chunk;
  private final FileChannel file;
  private MessageDigest digest = Digests.start();
  private volatile long count;

  ChunkSink(Path path, Chunk chunk) throws IOException {
    this.chunk = chunk;
    this.file = FileChannel.open(path, StandardOpenOption.WRITE);
  }

  /** Takes the next bytes; what goes beyond the chunk is only counted. */
  void take(ByteBuffer bytes) throws IOException {
    long at = chunk.getOffset() + count;
    long room = Math.max(0, chunk.getSize() - count);
    digest.update(bytes.duplicate());
    ByteBuffer fitting = bytes.slice(bytes.position(), (int) Math.min(room, bytes.remaining()));
    while (fitting.hasRemaining()) {
      at += file.write(fitting, at);
    }
    count += bytes.remaining();
  }

  /** How many bytes came so far. */
  long count() {
    return count;
  }

  /** Begins again, from the chunk's first byte. */
  void restart() {
    digest = Digests.start();
    count = 0;
  }

  /** Whether exactly the chunk's bytes came; asked once. */
  boolean isGood() {
    return count == chunk.getSize() && Digests.end(digest).equals(chunk.getSha256());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
