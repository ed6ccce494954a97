package dev.runlore;

import dev.runlore.v1.Chunk;
import dev.runlore.v1.FileEntry;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Local files on their way up. */
final class LocalFiles {
  private LocalFiles() {}

  /** A file that an upload has: where it is, the path that it gets, and what changes when somebody writes to it. */
  record LocalFile(Path path, String name, long size, FileTime modified, boolean executable) {
    void checkUnchanged() throws IOException {
      if (Files.size(path) != size || !Files.getLastModifiedTime(path).equals(modified)) {
        throw changed(path);
      }
    }

    /** The file as a manifest has it, hashed in one reading. */
    FileEntry hash() throws IOException {
      FileEntry.Builder entry =
          FileEntry.newBuilder()
              .setPath(name)
              .setSize(size)
              .setMode(executable ? 0755 : 0644);
      MessageDigest whole = Digests.start();
      byte[] piece = new byte[Digests.PIECE_BYTES];
      try (InputStream bytes = Files.newInputStream(path)) {
        for (long offset = 0; offset < size; offset += ManifestDigest.CHUNK_BYTES) {
          long length = Math.min(ManifestDigest.CHUNK_BYTES, size - offset);
          MessageDigest chunk = Digests.start();
          for (long left = length; left > 0; ) {
            int count = bytes.read(piece, 0, (int) Math.min(piece.length, left));
            if (count < 0) {
              throw changed(path);
            }
            chunk.update(piece, 0, count);
            whole.update(piece, 0, count);
            left -= count;
          }
          entry.addChunks(
              Chunk.newBuilder().setOffset(offset).setSize(length).setSha256(Digests.end(chunk)));
        }
      }
      return entry.setSha256(Digests.end(whole)).build();
    }
  }

  /** A chunk of a local file. */
  record Blob(Path path, long offset, long size, String sha256) {
    /** The bytes from {@code start} on. */
    InputStream open(long start) {
      try {
        FileChannel file = FileChannel.open(path);
        file.position(offset + start);
        return new Limited(Channels.newInputStream(file), size - start);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    /** Throws unless the bytes are those that were hashed. */
    void check() throws IOException {
      try (InputStream bytes = open(0)) {
        if (!Digests.sha256(bytes).equals(sha256)) {
          throw changed(path);
        }
      }
    }
  }

  /** Every file below a folder, in the order of their paths; refuses what has no place in a manifest. */
  static List<LocalFile> scan(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    Path root = folder.toRealPath();
    List<LocalFile> found = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : (Iterable<Path>) walk.sorted()::iterator) {
        checkLink(path, root);
        if (!Files.isDirectory(path)) {
          found.add(file(path, folder.relativize(path)));
        }
      }
    } catch (UncheckedIOException wrapped) {
      if (wrapped.getCause() instanceof FileSystemLoopException loop) {
        throw RunloreException.invalid("folder", "the link '" + loop.getFile() + "' leads back into a folder that holds it");
      }
      throw wrapped.getCause();
    }
    if (found.isEmpty()) {
      throw RunloreException.invalid("folder", "'" + folder + "' has no files: an artifact is made of files");
    }
    return found;
  }

  static RunloreException changed(Path path) {
    return RunloreException.of(
        Status.Code.FAILED_PRECONDITION,
        "FILE_CHANGED",
        "'" + path + "' changed while it was being uploaded: nothing was registered; try again once nothing writes to it",
        Map.of("path", path.toString()));
  }

  private static LocalFile file(Path path, Path relative) throws IOException {
    String name = relative.toString().replace(path.getFileSystem().getSeparator(), "/");
    try {
      ManifestDigest.checkPath(name);
    } catch (IllegalArgumentException refused) {
      throw RunloreException.invalid("folder", refused.getMessage());
    }
    if (!Files.isRegularFile(path)) {
      // Opening a pipe would wait for its writer.
      throw RunloreException.invalid("folder", "'" + path + "' is neither a file nor a folder");
    }
    return new LocalFile(path, name, Files.size(path), Files.getLastModifiedTime(path), Files.isExecutable(path));
  }

  private static void checkLink(Path path, Path root) throws IOException {
    if (!Files.isSymbolicLink(path)) {
      return;
    }
    if (!Files.exists(path)) {
      throw RunloreException.invalid("folder", "the link '" + path + "' leads to nothing: remove it");
    }
    if (!path.toRealPath().startsWith(root)) {
      throw RunloreException.invalid("folder", "the link '" + path + "' leads out of the folder: copy what it points at");
    }
  }

  /** The beginning of a stream; it must be there. */
  private static final class Limited extends java.io.FilterInputStream {
    private long left;

    Limited(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = super.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(count, 0);
      return count;
    }
  }
}
