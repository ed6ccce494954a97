package dev.runlore;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, as 64 lower-case hex digits. */
final class Digests {
  /** Bytes read at once. */
  static final int PIECE_BYTES = 1024 * 1024;

  private Digests() {}

  static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-256", impossible);
    }
  }

  static String end(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(start().digest(bytes));
  }

  /** Of everything that is left of a stream. */
  static String sha256(InputStream bytes) throws IOException {
    MessageDigest digest = start();
    byte[] piece = new byte[PIECE_BYTES];
    for (int count = bytes.read(piece); count >= 0; count = bytes.read(piece)) {
      digest.update(piece, 0, count);
    }
    return end(digest);
  }
}
