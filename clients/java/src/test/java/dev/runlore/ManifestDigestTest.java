package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.runlore.v1.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The published vectors of manifests. */
class ManifestDigestTest {
  private static final JsonObject VECTORS = load();

  @Test
  void everyVectorHasItsDigestInAnyOrderOfFiles() throws IOException {
    assertFalse(VECTORS.getAsJsonArray("vectors").isEmpty());
    for (JsonElement element : VECTORS.getAsJsonArray("vectors")) {
      JsonObject vector = element.getAsJsonObject();
      List<FileEntry> files = files(vector);
      String wanted = vector.getAsJsonObject("manifest").get("digest").getAsString();
      assertEquals(wanted, ManifestDigest.of(files), vector.get("name").getAsString());
      Collections.reverse(files);
      assertEquals(wanted, ManifestDigest.of(files), vector.get("name").getAsString());
      files.forEach(file -> assertDoesNotThrow(() -> ManifestDigest.checkChunks(file)));
    }
  }

  @Test
  void pathsAreRefusedAndAcceptedAsPublished() {
    for (JsonElement refused : VECTORS.getAsJsonArray("refused_paths")) {
      String path = refused.getAsJsonObject().get("path").getAsString();
      assertThrows(IllegalArgumentException.class, () -> ManifestDigest.checkPath(path), path);
    }
    for (JsonElement accepted : VECTORS.getAsJsonArray("accepted_paths")) {
      assertDoesNotThrow(() -> ManifestDigest.checkPath(accepted.getAsString()));
    }
    assertThrows(IllegalArgumentException.class, () -> ManifestDigest.checkPath("half \ud83d of a pair"));
  }

  @Test
  void aPathCannotBeAFileAndAFolder() {
    FileEntry file = FileEntry.newBuilder().setPath("a").setSha256("0".repeat(64)).build();
    FileEntry below = file.toBuilder().setPath("a/b").build();
    assertThrows(IllegalArgumentException.class, () -> ManifestDigest.of(List.of(file, below)));
    assertThrows(IllegalArgumentException.class, () -> ManifestDigest.of(List.of(below, file)));
  }

  private static List<FileEntry> files(JsonObject vector) throws InvalidProtocolBufferException {
    List<FileEntry> files = new ArrayList<>();
    for (JsonElement file : vector.getAsJsonArray("files")) {
      FileEntry.Builder entry = FileEntry.newBuilder();
      JsonFormat.parser().merge(file.toString(), entry);
      files.add(entry.build());
    }
    return files;
  }

  private static JsonObject load() {
    try {
      return JsonParser.parseString(Files.readString(Path.of("../../protos/manifest_vectors.json"))).getAsJsonObject();
    } catch (IOException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
