package dev.runlore;

import com.google.protobuf.ByteString;
import dev.runlore.v1.ArtifactServiceGrpc;
import dev.runlore.v1.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.runlore.v1.Chunk;
import dev.runlore.v1.FileEntry;
import dev.runlore.v1.GetManifestRequest;
import dev.runlore.v1.GetManifestResponse;
import dev.runlore.v1.Manifest;
import dev.runlore.v1.ReadBlobRequest;
import dev.runlore.v1.ReadBlobResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A manifest's files become a local folder, every byte verified on the way. */
final class Download {
  private static final String KIND = "manifests";
  private static final int STORE_TRIES = 3;
  /** For one try at the up to 16 MiB of a blob through the server: a slow line is not an error. */
  static final Duration BLOB_TIMEOUT = Duration.ofMinutes(10);

  private final Connection connection;
  private final ArtifactServiceBlockingStub artifacts;
  private final GetManifestRequest source;
  private volatile boolean direct = true;

  Download(Connection connection, GetManifestRequest source) {
    this.connection = connection;
    this.artifacts = ArtifactServiceGrpc.newBlockingStub(connection.channel());
    this.source = source;
  }

  Manifest to(Path destination) throws IOException {
    GetManifestResponse listed = known().orElseGet(this::list);
    if (Trees.isOccupied(destination)) {
      if (Trees.isExactly(destination, listed.getFilesList())) {
        return listed.getManifest();
      }
      throw new FileAlreadyExistsException(
          destination.toString(), null, "it holds something else: name a folder that is new or empty");
    }
    if (listed.getFilesList().stream().anyMatch(file -> file.getChunksCount() > 0)) {
      // What was remembered has no URLs, and those of a moment ago are the freshest.
      listed = listed.getFiles(0).getChunksList().stream().anyMatch(c -> !c.getUrl().isEmpty()) ? listed : list();
    }
    Path parent = destination.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path scratch = Files.createTempDirectory(parent, ".pull-");
    try {
      Path folder = Files.createDirectory(scratch.resolve("files"));
      fetch(listed.getFilesList(), folder);
      Files.move(folder, destination, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Trees.delete(scratch);
    }
    return listed.getManifest();
  }

  /** The files as they were listed by an earlier pull from here: a manifest never changes. */
  private Optional<GetManifestResponse> known() {
    if (source.getManifestDigest().isEmpty() || !source.getPath().isEmpty()) {
      return Optional.empty();
    }
    return connection
        .cache()
        .load(KIND, source.getManifestDigest(), GetManifestResponse.parser())
        .map(Cache.Kept::message)
        .filter(kept -> ManifestDigest.of(kept.getFilesList()).equals(source.getManifestDigest()));
  }

  /** All files with URLs, checked against the digest that they have as a tree. */
  private GetManifestResponse list() {
    GetManifestRequest.Builder request = source.toBuilder().setIncludeUrls(true).clearPageToken();
    GetManifestResponse.Builder all = GetManifestResponse.newBuilder();
    do {
      GetManifestRequest page = request.build();
      GetManifestResponse response = connection.repeat(artifacts, stub -> stub.getManifest(page));
      all.setManifest(response.getManifest()).addAllFiles(response.getFilesList());
      request.setPageToken(response.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    String wanted =
        source.getManifestDigest().isEmpty() || !source.getPath().isEmpty()
            ? all.getManifest().getDigest()
            : source.getManifestDigest();
    try {
      all.getFilesList().forEach(ManifestDigest::checkChunks);
      String found = ManifestDigest.of(all.getFilesList());
      if (!found.equals(wanted)) {
        throw damaged("the server's list of files has the digest " + found + ", not " + wanted + ": nothing was pulled");
      }
    } catch (IllegalArgumentException invalid) {
      throw damaged("the server's list of files of manifest " + wanted + " is not valid: " + invalid.getMessage());
    }
    GetManifestResponse.Builder kept = all.clone();
    kept.getFilesBuilderList().forEach(f -> f.getChunksBuilderList().forEach(Chunk.Builder::clearUrl));
    connection.cache().keep(KIND, wanted, kept.build());
    return all.build();
  }

  private void fetch(List<FileEntry> files, Path folder) throws IOException {
    List<Workers.Task> tasks = new ArrayList<>();
    for (FileEntry file : files) {
      Path path = Trees.place(folder, file.getPath());
      Files.createDirectories(path.getParent());
      try (RandomAccessFile empty = new RandomAccessFile(path.toFile(), "rw")) {
        empty.setLength(file.getSize());
      }
      Trees.setMode(path, file);
      AtomicInteger missing = new AtomicInteger(file.getChunksCount());
      for (int i = 0; i < file.getChunksCount(); i++) {
        int number = i;
        tasks.add(
            store -> {
              fetch(store, file, number, path);
              if (missing.decrementAndGet() == 0 && file.getChunksCount() > 1) {
                checkWhole(file, path);
              }
            });
      }
    }
    Workers.run(connection.settings(), tasks);
  }

  private void fetch(ObjectStore store, FileEntry file, int number, Path path) throws IOException {
    try (ChunkSink sink = new ChunkSink(path, file.getChunks(number))) {
      if (fromStore(store, file, number, sink) && sink.isGood()) {
        return;
      }
      // Something in between may have garbled them: the server is asked before they count as damaged.
      sink.restart();
      fromServer(file.getChunks(number), sink);
      if (!sink.isGood()) {
        Chunk chunk = file.getChunks(number);
        throw damaged(
            "'" + file.getPath() + "' is damaged: its " + chunk.getSize() + " bytes at offset " + chunk.getOffset()
                + " do not have the sha256 " + chunk.getSha256() + "; nothing was kept. `runlore-server fsck --deep` "
                + "lists what else is",
            file.getPath());
      }
    }
  }

  private boolean fromStore(ObjectStore store, FileEntry file, int number, ChunkSink sink) {
    Chunk chunk = file.getChunks(number);
    for (int attempt = 0; attempt < STORE_TRIES && direct && !chunk.getUrl().isEmpty(); attempt++) {
      try {
        store.get(chunk.getUrl(), sink);
        return true;
      } catch (ObjectStore.StoreException error) {
        sink.restart();
        if (error.isUnreachable()) {
          // This client may have no way to the store; the server has.
          direct = false;
        } else if (error.isExpired()) {
          chunk = renewed(file, number);
        } else {
          Workers.sleep(200L << attempt);
        }
      }
    }
    return false;
  }

  private Chunk renewed(FileEntry file, int number) {
    String path = source.getPath().isEmpty() ? file.getPath() : source.getPath() + "/" + file.getPath();
    GetManifestRequest request = source.toBuilder().setPath(path).setIncludeUrls(true).clearPageToken().build();
    return connection.repeat(artifacts, stub -> stub.getManifest(request)).getFiles(0).getChunks(number);
  }

  private void fromServer(Chunk chunk, ChunkSink sink) throws IOException {
    // The time for tries begins with the first failure, and anew whenever something arrived.
    Retries.Pace pace = null;
    while (true) {
      ReadBlobRequest request =
          ReadBlobRequest.newBuilder().setSha256(chunk.getSha256()).setOffset(sink.count()).build();
      long before = sink.count();
      Context.CancellableContext context = Context.current().withCancellation();
      Context outside = context.attach();
      try {
        Iterator<ReadBlobResponse> answers = Connection.within(artifacts, BLOB_TIMEOUT).readBlob(request);
        while (answers.hasNext() && sink.count() <= chunk.getSize()) {
          ByteString data = answers.next().getData();
          sink.take(data.asReadOnlyByteBuffer());
        }
        return;
      } catch (StatusRuntimeException broken) {
        if (pace == null || sink.count() > before) {
          pace = connection.pace(connection.settings().timeout());
        }
        pace.await(connection.error(broken));
      } finally {
        context.detach(outside);
        // What is left of the stream is not wanted.
        context.cancel(null);
      }
    }
  }

  private static void checkWhole(FileEntry file, Path path) throws IOException {
    try (InputStream bytes = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      String found = Digests.sha256(bytes);
      if (!found.equals(file.getSha256())) {
        throw damaged(
            "'" + file.getPath() + "' does not have the sha256 " + file.getSha256() + " that its uploader claimed, but "
                + found + ": nothing was kept. Whoever made it has to upload it again",
            file.getPath());
      }
    }
  }

  private static RunloreException damaged(String message, String... path) {
    Map<String, String> metadata = new HashMap<>();
    if (path.length > 0) {
      metadata.put("path", path[0]);
    }
    return RunloreException.of(Status.Code.DATA_LOSS, "", message, metadata);
  }
}
