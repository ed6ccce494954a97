package dev.runlore;

import dev.runlore.v1.Chunk;
import dev.runlore.v1.EventServiceGrpc;
import dev.runlore.v1.EventServiceGrpc.EventServiceBlockingStub;
import dev.runlore.v1.FileEntry;
import dev.runlore.v1.RegistryServiceGrpc;
import dev.runlore.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.runlore.v1.ResolveRequest;
import dev.runlore.v1.ResolveResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What references stand for, by the registry's word, and by its last good one while it is down. */
final class Resolver {
  private static final System.Logger LOG = System.getLogger("dev.runlore");

  private static final String ANSWERS = "answers";
  /** How long the registry has to answer when there is an answer to go on with: a restart takes less. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Connection connection;
  private final Heads heads;

  Resolver(Connection connection, Heads heads) {
    this.connection = connection;
    this.heads = heads;
  }

  Resolved resolve(ResolveRequest request) {
    String name = connection.settings().place() + "\0" + request.toByteString().toStringUtf8();
    Optional<Cache.Kept<ResolveResponse>> kept = connection.cache().load(ANSWERS, name, ResolveResponse.parser());
    Duration timeout = connection.settings().timeout();
    Duration patience = kept.isPresent() && timeout.compareTo(PATIENCE) > 0 ? PATIENCE : timeout;
    try {
      ResolveResponse answer = ask(request, patience);
      connection.cache().keep(ANSWERS, name, withoutUrls(answer));
      return new Resolved(answer, false, Instant.now());
    } catch (RunloreException error) {
      if (kept.isEmpty() || !error.isOutage()) {
        throw error;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "THE REGISTRY IS DOWN: going on with the last good answer to {0}, version {1} of {2}, which may be out of "
              + "date: {3}",
          request.getReference(),
          kept.get().message().getModelVersion().getVersion(),
          kept.get().time(),
          error.getMessage());
      return new Resolved(kept.get().message(), true, kept.get().time());
    }
  }

  private ResolveResponse ask(ResolveRequest request, Duration patience) {
    RegistryServiceBlockingStub registry = RegistryServiceGrpc.newBlockingStub(connection.channel());
    EventServiceBlockingStub events = EventServiceGrpc.newBlockingStub(connection.channel());
    return heads.resolve(
        request,
        () -> connection.repeat(registry, patience, stub -> stub.resolve(request)),
        page -> connection.repeat(events, patience, stub -> stub.listEvents(page)));
  }

  private static ResolveResponse withoutUrls(ResolveResponse answer) {
    ResolveResponse.Builder kept = answer.toBuilder();
    for (FileEntry.Builder file : kept.getFilesBuilderList()) {
      file.getChunksBuilderList().forEach(Chunk.Builder::clearUrl);
    }
    return kept.build();
  }
}
