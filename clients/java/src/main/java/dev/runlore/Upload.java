package dev.runlore;

import com.google.protobuf.ByteString;
import dev.runlore.v1.ArtifactServiceGrpc;
import dev.runlore.v1.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.runlore.v1.BlobSpec;
import dev.runlore.v1.Chunk;
import dev.runlore.v1.CreateManifestRequest;
import dev.runlore.v1.CreateModelVersionRequest;
import dev.runlore.v1.CreateRegisteredModelRequest;
import dev.runlore.v1.FileEntry;
import dev.runlore.v1.GetUploadStatusRequest;
import dev.runlore.v1.GetUploadStatusResponse;
import dev.runlore.v1.ModelVersion;
import dev.runlore.v1.PrepareUploadRequest;
import dev.runlore.v1.RegistryServiceGrpc;
import dev.runlore.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.runlore.v1.UploadTarget;
import dev.runlore.v1.WriteBlobRequest;
import dev.runlore.v1.WriteBlobResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A folder's files become a stored manifest, and a model's next version. What is stored is not sent again. */
final class Upload {
  /** Blobs asked about at once: few enough that their URLs are used before they expire. */
  private static final int BLOBS_A_CALL = 250;
  /** As the contract caps them; chunks so that a call stays well under a message's 32 MiB. */
  private static final int FILES_A_CALL = 10_000;
  private static final int CHUNKS_A_CALL = 100_000;
  private static final int STORE_TRIES = 3;
  private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);

  private final Connection connection;
  private final ArtifactServiceBlockingStub artifacts;
  private final RegistryServiceBlockingStub registry;
  private final String workspace;
  private volatile boolean direct = true;

  Upload(Connection connection, String workspace) {
    this.connection = connection;
    this.artifacts = ArtifactServiceGrpc.newBlockingStub(connection.channel());
    this.registry = RegistryServiceGrpc.newBlockingStub(connection.channel());
    this.workspace = workspace;
  }

  /** Stores the files, and registers them; the source of the version is filled in, and a model that is not there made. */
  ModelVersion register(Path folder, CreateModelVersionRequest version) throws IOException {
    String digest = send(folder);
    // With a request id of its own, so that a second try finds the first one's version.
    CreateModelVersionRequest request =
        Retries.withRequestId(version.toBuilder().setManifestDigest(digest).build());
    try {
      return connection.repeat(registry, stub -> stub.createModelVersion(request)).getModelVersion();
    } catch (RunloreException error) {
      if (!error.reason().equals("MODEL_NOT_FOUND")) {
        throw error;
      }
    }
    createModel(request.getWorkspace(), request.getModelName());
    return connection.repeat(registry, stub -> stub.createModelVersion(request)).getModelVersion();
  }

  private void createModel(String workspace, String name) {
    CreateRegisteredModelRequest request =
        Retries.withRequestId(
            CreateRegisteredModelRequest.newBuilder().setWorkspace(workspace).setName(name).build());
    try {
      connection.repeat(registry, stub -> stub.createRegisteredModel(request));
    } catch (RunloreException error) {
      if (!error.reason().equals("MODEL_EXISTS")) {
        throw error;
      }
      // Another push was faster.
    }
  }

  /** Returns the digest of the manifest. */
  private String send(Path folder) throws IOException {
    List<LocalFiles.LocalFile> files = LocalFiles.scan(folder);
    List<FileEntry> entries = new ArrayList<>();
    Map<String, LocalFiles.Blob> blobs = new LinkedHashMap<>();
    for (LocalFiles.LocalFile file : files) {
      FileEntry entry = file.hash();
      entries.add(entry);
      for (Chunk chunk : entry.getChunksList()) {
        blobs.putIfAbsent(
            chunk.getSha256(),
            new LocalFiles.Blob(file.path(), chunk.getOffset(), chunk.getSize(), chunk.getSha256()));
      }
    }
    List<LocalFiles.Blob> all = List.copyOf(blobs.values());
    for (int from = 0; from < all.size(); from += BLOBS_A_CALL) {
      sendMissing(all.subList(from, Math.min(from + BLOBS_A_CALL, all.size())));
    }
    for (LocalFiles.LocalFile file : files) {
      file.checkUnchanged();
    }
    return manifest(entries);
  }

  private void sendMissing(List<LocalFiles.Blob> blobs) throws IOException {
    List<UploadTarget> targets = prepare(blobs);
    List<Workers.Task> tasks = new ArrayList<>();
    for (int i = 0; i < blobs.size(); i++) {
      LocalFiles.Blob blob = blobs.get(i);
      UploadTarget target = targets.get(i);
      if (!target.getStored()) {
        tasks.add(
            store -> {
              if (!toStore(store, blob, target)) {
                throughServer(blob);
              }
            });
      }
    }
    Workers.run(connection.settings(), tasks);
  }

  private List<UploadTarget> prepare(List<LocalFiles.Blob> blobs) {
    PrepareUploadRequest.Builder request = PrepareUploadRequest.newBuilder().setWorkspace(workspace);
    for (LocalFiles.Blob blob : blobs) {
      request.addBlobs(spec(blob));
    }
    return connection.repeat(artifacts, stub -> stub.prepareUpload(request.build())).getTargetsList();
  }

  private String manifest(List<FileEntry> entries) {
    String digest = "";
    CreateManifestRequest.Builder part = CreateManifestRequest.newBuilder().setWorkspace(workspace);
    int chunks = 0;
    for (FileEntry entry : entries) {
      boolean full = part.getFilesCount() == FILES_A_CALL || chunks + entry.getChunksCount() > CHUNKS_A_CALL;
      if (part.getFilesCount() > 0 && full) {
        digest = create(part.setBaseDigest(digest).build());
        part.clearFiles();
        chunks = 0;
      }
      part.addFiles(entry);
      chunks += entry.getChunksCount();
    }
    return create(part.setBaseDigest(digest).build());
  }

  private String create(CreateManifestRequest request) {
    return connection.repeat(artifacts, stub -> stub.createManifest(request)).getManifest().getDigest();
  }

  /** Whether the blob is stored; false where the server had better do it. */
  private boolean toStore(ObjectStore store, LocalFiles.Blob blob, UploadTarget first) throws IOException {
    UploadTarget target = first;
    for (int attempt = 0; attempt < STORE_TRIES && direct && !target.getUrl().isEmpty(); attempt++) {
      try {
        store.put(target.getUrl(), blob, target.getHeadersMap());
        return true;
      } catch (ObjectStore.StoreException error) {
        if (error.isUnreachable()) {
          // This client may have no way to the store; the server has.
          direct = false;
        } else if (error.isExpired()) {
          target = prepare(List.of(blob)).get(0);
          if (target.getStored()) {
            return true;
          }
        } else if (error.isRefused()) {
          blob.check();
          return false;
        } else {
          Workers.sleep(200L << attempt);
        }
      }
    }
    return false;
  }

  private void throughServer(LocalFiles.Blob blob) throws IOException {
    // Storing a blob twice changes nothing, so the stream may be begun again. The time for tries begins with the first
    // failure, and anew whenever something arrived.
    Retries.Pace pace = null;
    long start = 0;
    while (true) {
      try {
        write(blob, start);
        return;
      } catch (StatusRuntimeException broken) {
        RunloreException error = connection.error(broken);
        if (error.code() == Status.Code.INVALID_ARGUMENT || error.reason().equals("UPLOAD_OFFSET_MISMATCH")) {
          // The bytes are not what was announced, most likely because somebody writes to the file; or what was kept of
          // an earlier try is wrong, and gone now.
          blob.check();
          if (start == 0) {
            throw error;
          }
          start = 0;
          continue;
        }
        pace = pace == null ? connection.pace(connection.settings().timeout()) : pace;
        pace.await(error);
      }
      OptionalLong kept = kept(blob);
      if (kept.isEmpty()) {
        return;
      }
      pace = kept.getAsLong() > start ? null : pace;
      start = kept.getAsLong();
    }
  }

  /** How many bytes of a blob the server keeps; empty when it is stored, not just all there. */
  private OptionalLong kept(LocalFiles.Blob blob) {
    GetUploadStatusRequest request = GetUploadStatusRequest.newBuilder().setSha256(blob.sha256()).build();
    try {
      GetUploadStatusResponse status = Connection.within(artifacts, STATUS_TIMEOUT).getUploadStatus(request);
      return status.getStored() ? OptionalLong.empty() : OptionalLong.of(status.getKeptBytes());
    } catch (StatusRuntimeException unknown) {
      // What is wrong is told by the next try at the blob itself.
      return OptionalLong.of(0);
    }
  }

  private void write(LocalFiles.Blob blob, long start) throws IOException {
    Object monitor = new Object();
    SendingCall<WriteBlobRequest, WriteBlobResponse> call = new SendingCall<>(monitor, stored -> {});
    Connection.within(ArtifactServiceGrpc.newStub(connection.channel()), Download.BLOB_TIMEOUT).writeBlob(call);
    try (InputStream bytes = blob.open(start)) {
      synchronized (monitor) {
        call.send(WriteBlobRequest.newBuilder().setBlob(spec(blob)).setOffset(start).build());
        byte[] piece = new byte[Digests.PIECE_BYTES];
        for (int count = bytes.read(piece); count >= 0 && !call.isOver(); count = bytes.read(piece)) {
          while (!call.isReady() && !call.isOver()) {
            monitor.wait();
          }
          call.send(WriteBlobRequest.newBuilder().setData(ByteString.copyFrom(piece, 0, count)).build());
        }
        call.halfClose();
        while (!call.isOver()) {
          monitor.wait();
        }
        if (call.error() != null) {
          throw Status.fromThrowable(call.error()).asRuntimeException(Status.trailersFromThrowable(call.error()));
        }
      }
    } catch (InterruptedException interrupt) {
      throw RunloreException.interrupted("sending a file");
    } finally {
      synchronized (monitor) {
        if (!call.isOver()) {
          call.cancel("the file is not sent to its end");
        }
      }
    }
  }

  private static BlobSpec spec(LocalFiles.Blob blob) {
    return BlobSpec.newBuilder().setSha256(blob.sha256()).setSize(blob.size()).build();
  }
}
