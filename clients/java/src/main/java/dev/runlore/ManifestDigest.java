package dev.runlore;

import dev.runlore.v1.Chunk;
import dev.runlore.v1.FileEntry;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The canonical digest of a tree of files: what a manifest is named by. {@code protos/README.md}, "Manifest canonical
 * form", has the rules.
 */
public final class ManifestDigest {
  /** Bytes of every chunk but a file's last. */
  public static final int CHUNK_BYTES = 16 * 1024 * 1024;

  private static final String HEADER = "runlore.tree.v1\n";
  private static final int PATH_CHARACTERS = 1024;
  private static final String EMPTY = Digests.sha256(new byte[0]);

  private ManifestDigest() {}

  /**
   * Returns the digest of a tree.
   *
   * @param files its files, in any order
   * @return 64 lower-case hex digits
   * @throws IllegalArgumentException for a path that may not stand in a manifest, or that is a file and a folder at once
   */
  public static String of(Iterable<FileEntry> files) {
    Folder root = new Folder();
    for (FileEntry file : files) {
      root.add(file);
    }
    return root.digest();
  }

  /**
   * Checks that a path may stand in a manifest.
   *
   * @param path parts separated by {@code /}
   * @throws IllegalArgumentException saying which rule it breaks
   */
  public static void checkPath(String path) {
    if (path.isEmpty()) {
      throw refused(path, "is empty: name a file");
    }
    int characters = path.codePointCount(0, path.length());
    if (characters > PATH_CHARACTERS) {
      throw refused(path.substring(0, 40) + "…", "has " + characters + " characters: at most 1,024 are allowed");
    }
    if (path.indexOf('\\') >= 0) {
      throw refused(path, "has a backslash: separate folders by /");
    }
    if (path.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
      throw refused(path.replaceAll("\\p{Cntrl}", "?"), "has a control character");
    }
    utf8(path);
    if (path.startsWith("/") || path.matches("[A-Za-z]:.*")) {
      throw refused(path, "is absolute: give a path relative to the root of the artifacts");
    }
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        throw refused(path, "has the part '..': a path stays inside the artifacts");
      }
      if (part.isEmpty() || part.equals(".")) {
        throw refused(path, "has the part '" + part + "': every part between slashes is a name");
      }
    }
  }

  /** Checks that a file's chunks cover it as manifest format 1 has it. */
  static void checkChunks(FileEntry file) {
    long offset = 0;
    for (Chunk chunk : file.getChunksList()) {
      long expected = Math.min(CHUNK_BYTES, file.getSize() - offset);
      if (chunk.getOffset() != offset || chunk.getSize() != expected || expected <= 0) {
        throw refused(file.getPath(), "has a chunk of " + chunk.getSize() + " bytes at offset " + chunk.getOffset()
            + " where " + expected + " bytes at offset " + offset + " are expected");
      }
      offset += expected;
    }
    if (offset != file.getSize()) {
      throw refused(file.getPath(), "has chunks for " + offset + " of its " + file.getSize() + " bytes");
    }
    if (file.getChunksCount() == 0 && !file.getSha256().equals(EMPTY)) {
      throw refused(file.getPath(), "is empty, and its sha256 is not that of no bytes");
    }
    if (file.getChunksCount() == 1 && !file.getChunks(0).getSha256().equals(file.getSha256())) {
      throw refused(file.getPath(), "has another sha256 than its only chunk");
    }
  }

  private static IllegalArgumentException refused(String path, String rule) {
    return new IllegalArgumentException("'" + path + "' " + rule);
  }

  private static byte[] utf8(String text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    try {
      java.nio.ByteBuffer bytes = encoder.encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException lone) {
      throw refused(text.replaceAll("\\p{Cs}", "?"), "has half of a surrogate pair, which UTF-8 cannot hold");
    }
  }

  /** A folder, its entries by name in the order of the names' UTF-8 bytes, which is not that of Java's strings. */
  private static final class Folder {
    private final Map<byte[], Object> entries = new TreeMap<>(Arrays::compareUnsigned);

    void add(FileEntry file) {
      checkPath(file.getPath());
      String[] parts = file.getPath().split("/", -1);
      Folder folder = this;
      for (int i = 0; i < parts.length - 1; i++) {
        Object found = folder.entries.computeIfAbsent(utf8(parts[i]), name -> new Folder());
        if (!(found instanceof Folder below)) {
          throw refused(file.getPath(), "needs the folder '" + parts[i] + "', which is a file");
        }
        folder = below;
      }
      if (folder.entries.put(utf8(parts[parts.length - 1]), file) instanceof Folder) {
        throw refused(file.getPath(), "is a folder and cannot be a file too");
      }
    }

    /** By recursion: a path has at most 512 parts. */
    String digest() {
      StringBuilder text = new StringBuilder(HEADER);
      entries.forEach(
          (name, entry) ->
              text.append(entry instanceof Folder folder ? "dir " + folder.digest() : line((FileEntry) entry))
                  .append(' ')
                  .append(new String(name, StandardCharsets.UTF_8))
                  .append('\n'));
      return Digests.sha256(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String line(FileEntry file) {
      String mode =
          switch (file.getMode()) {
            case 0, 0644 -> "644";
            case 0755 -> "755";
            default -> throw refused(file.getPath(), "has the mode " + file.getMode() + ": 420 or 493 are allowed");
          };
      String chunks = file.getChunksList().stream().map(Chunk::getSha256).collect(Collectors.joining(","));
      return String.join(
          " ",
          "file",
          mode,
          Long.toString(file.getSize()),
          file.getSha256(),
          file.getMediaType().isEmpty() ? "-" : file.getMediaType(),
          chunks.isEmpty() ? "-" : chunks);
    }
  }
}
