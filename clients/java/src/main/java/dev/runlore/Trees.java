package dev.runlore;

import dev.runlore.v1.FileEntry;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Folders that hold a manifest's files. */
final class Trees {
  private static final int EXECUTABLE = 0755;

  private Trees() {}

  /** Where a file of a manifest has its place in a folder. */
  static Path place(Path folder, String path) {
    try {
      return folder.resolve(path);
    } catch (InvalidPathException impossible) {
      throw RunloreException.of(
          Status.Code.FAILED_PRECONDITION,
          "PATH_UNSUPPORTED",
          "'" + path + "' cannot be stored here: " + impossible.getReason()
              + "; nothing was written. (A Java whose locale is not UTF-8 has no such names: set LC_ALL=C.UTF-8)",
          Map.of("path", path));
    }
  }

  /** Whether something is there already that is not an empty folder. */
  static boolean isOccupied(Path destination) throws IOException {
    if (!Files.isDirectory(destination, LinkOption.NOFOLLOW_LINKS)) {
      return Files.exists(destination, LinkOption.NOFOLLOW_LINKS);
    }
    try (Stream<Path> entries = Files.list(destination)) {
      return entries.findAny().isPresent();
    }
  }

  /** Whether a folder holds exactly these files, byte by byte. */
  static boolean isExactly(Path folder, List<FileEntry> files) throws IOException {
    Map<Path, FileEntry> wanted = new HashMap<>();
    files.forEach(file -> wanted.put(place(folder, file.getPath()), file));
    List<Path> present;
    try (Stream<Path> walk = Files.walk(folder)) {
      present = walk.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).toList();
    }
    if (present.size() != wanted.size() || !wanted.keySet().containsAll(present)) {
      return false;
    }
    for (Path path : present) {
      FileEntry file = wanted.get(path);
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.size(path) != file.getSize()) {
        return false;
      }
      try (InputStream bytes = Files.newInputStream(path)) {
        if (!Digests.sha256(bytes).equals(file.getSha256())) {
          return false;
        }
      }
    }
    return true;
  }

  /** Gives a file the permissions that its entry says, on a system that has such. */
  static void setMode(Path path, FileEntry file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view != null) {
      view.setPermissions(PosixFilePermissions.fromString(file.getMode() == EXECUTABLE ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  /** Deletes a folder with what is in it. */
  static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
