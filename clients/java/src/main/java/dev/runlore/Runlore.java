package dev.runlore;

import dev.runlore.v1.ArtifactServiceGrpc;
import dev.runlore.v1.ArtifactServiceGrpc.ArtifactServiceBlockingStub;
import dev.runlore.v1.CreateModelVersionRequest;
import dev.runlore.v1.EventServiceGrpc;
import dev.runlore.v1.EventServiceGrpc.EventServiceBlockingStub;
import dev.runlore.v1.GetManifestRequest;
import dev.runlore.v1.LoggedModelServiceGrpc;
import dev.runlore.v1.LoggedModelServiceGrpc.LoggedModelServiceBlockingStub;
import dev.runlore.v1.Manifest;
import dev.runlore.v1.ModelVersion;
import dev.runlore.v1.RegistryServiceGrpc;
import dev.runlore.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.runlore.v1.ResolveRequest;
import dev.runlore.v1.ServerServiceGrpc;
import dev.runlore.v1.ServerServiceGrpc.ServerServiceBlockingStub;
import dev.runlore.v1.TrackingServiceGrpc;
import dev.runlore.v1.TrackingServiceGrpc.TrackingServiceBlockingStub;
import dev.runlore.v1.WatchRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A connection to a Runlore server, for any number of threads.
 *
 * <p>The generated stubs are at {@link #tracking()}, {@link #registry()}, {@link #artifacts()}, {@link #events()}, {@link
 * #loggedModels()} and {@link #server()}; every call of theirs carries the workspace and the actor, has a deadline, and
 * is tried again where that is safe. They throw gRPC's {@link io.grpc.StatusRuntimeException}: make the call within
 * {@link #call} to get a {@link RunloreException}, which has everything that the server said.
 *
 * <pre>{@code
 * try (Runlore runlore = Runlore.connect("127.0.0.1:7410")) {
 *   Run run = runlore.call(() -> runlore.tracking().createRun(request)).getRun();
 * }
 * }</pre>
 */
public final class Runlore implements AutoCloseable {
  private final Connection connection;
  private final Heads heads;
  private final Resolver resolver;

  Runlore(Settings settings) {
    this.connection = new Connection(settings);
    this.heads = new Heads(settings, connection.cache());
    this.resolver = new Resolver(connection, heads);
  }

  /**
   * Connects as the environment says: {@code RUNLORE_ADDRESS} (else 127.0.0.1:7410), {@code RUNLORE_TLS}, {@code
   * RUNLORE_CA}, {@code RUNLORE_WORKSPACE}, {@code RUNLORE_ACTOR}, {@code RUNLORE_CACHE}.
   *
   * @return a client; the connection itself is made by the first call
   * @throws RunloreException naming a variable that cannot be understood
   */
  public static Runlore connect() {
    return builder().build();
  }

  /**
   * Connects to a server, in all else as the environment says.
   *
   * @param address {@code host:port}
   * @return a client; the connection itself is made by the first call
   */
  public static Runlore connect(String address) {
    return builder().address(address).build();
  }

  /**
   * Begins a client of which more than the address is to be said.
   *
   * @return a builder; what it is not told comes from the environment
   */
  public static RunloreBuilder builder() {
    return new RunloreBuilder();
  }

  /**
   * Returns experiments, runs and metrics.
   *
   * @return the generated stub
   */
  public TrackingServiceBlockingStub tracking() {
    return TrackingServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns models, versions and aliases.
   *
   * @return the generated stub
   */
  public RegistryServiceBlockingStub registry() {
    return RegistryServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns files.
   *
   * @return the generated stub
   */
  public ArtifactServiceBlockingStub artifacts() {
    return ArtifactServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns the event log.
   *
   * @return the generated stub
   */
  public EventServiceBlockingStub events() {
    return EventServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns logged models.
   *
   * @return the generated stub
   */
  public LoggedModelServiceBlockingStub loggedModels() {
    return LoggedModelServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns what the server says of itself.
   *
   * @return the generated stub
   */
  public ServerServiceBlockingStub server() {
    return ServerServiceGrpc.newBlockingStub(connection.channel());
  }

  /**
   * Returns what the stubs call through, for stubs of other kinds, such as {@code newFutureStub}.
   *
   * @return a channel whose calls have the same metadata, deadline and retries
   */
  public Channel channel() {
    return connection.channel();
  }

  /**
   * Makes calls, and throws their errors typed.
   *
   * @param <T> what comes of them
   * @param calls uses the stubs; reading a stream of responses belongs into it too
   * @return what {@code calls} returns
   * @throws RunloreException when a call is refused or fails
   */
  public <T> T call(Supplier<T> calls) {
    try {
      return calls.get();
    } catch (StatusRuntimeException error) {
      throw connection.error(error);
    }
  }

  /**
   * Returns the version that a reference stands for now.
   *
   * @param reference {@code models:/<name>@<alias>}, {@code models:/<name>/<version>}, or another form that {@link
   *     ResolveRequest} knows
   * @return the registry's answer; when it is down, the last good one
   * @throws RunloreException as {@link #resolve(ResolveRequest)}
   */
  public Resolved resolve(String reference) {
    return resolve(ResolveRequest.newBuilder().setReference(reference).build());
  }

  /**
   * Returns the version that a reference stands for.
   *
   * <p>A good answer is kept on this machine. When the registry cannot be reached, or does not answer within 10 seconds
   * or the client's timeout, the last one to the same request is returned in its place, and a warning is logged.
   *
   * <p>The model's history has to go on from the one that this machine saw last, else the answer is refused with the
   * reason {@code HISTORY_REWRITTEN}; {@link #acceptHistory} takes the server's for the true one.
   *
   * @param request the reference, and how to answer
   * @return the answer
   * @throws RunloreException when there is no such version or, without an earlier answer, no registry
   */
  public Resolved resolve(ResolveRequest request) {
    return resolver.resolve(request);
  }

  /**
   * Takes the server's history of a model for the true one, after an answer was refused with {@code HISTORY_REWRITTEN}
   * and somebody found out why.
   *
   * @param modelName the model
   * @throws IOException when what is remembered cannot be forgotten
   */
  public void acceptHistory(String modelName) throws IOException {
    heads.forget(modelName);
  }

  /**
   * Resolves a reference, and brings the version's files into a folder, every byte verified.
   *
   * <p>Chunks come in parallel, straight from the object store where that can be reached, and go on where they were cut.
   * The folder appears complete or not at all. One that holds exactly these files already is left alone, for which no
   * server is needed when the files were pulled from here before: so a pod boots while the registry is down.
   *
   * @param reference as in {@link #resolve(String)}
   * @param destination a folder that does not exist, or is empty, or holds these files
   * @return the version
   * @throws RunloreException as {@link #resolve(ResolveRequest)}; DATA_LOSS when bytes are not those registered
   * @throws java.nio.file.FileAlreadyExistsException when the destination holds anything else
   * @throws IOException when the disk fails
   */
  public Resolved pull(String reference, Path destination) throws IOException {
    Resolved resolved = resolve(reference);
    pull(resolved, destination);
    return resolved;
  }

  /**
   * Brings the files of a version into a folder, as {@link #pull(String, Path)} does.
   *
   * @param resolved the version
   * @param destination as there
   * @throws IOException when the disk fails
   */
  public void pull(Resolved resolved, Path destination) throws IOException {
    String digest = resolved.response().getModelVersion().getManifestDigest();
    pull(GetManifestRequest.newBuilder().setManifestDigest(digest).build(), destination);
  }

  /**
   * Brings a run's artifacts, or a manifest, or a folder of either into a folder, as {@link #pull(String, Path)} does.
   *
   * @param source whose files, and which; URLs and pages are seen to
   * @param destination as there
   * @return the manifest of what came
   * @throws IOException when the disk fails
   */
  public Manifest pull(GetManifestRequest source, Path destination) throws IOException {
    return new Download(connection, source).to(destination);
  }

  /**
   * Stores a folder's files, and registers them as a model's next version. What is stored already is not sent again, so
   * that a push that was cut goes on.
   *
   * @param folder the folder; links within it are followed
   * @param modelName the model, which is created when it is not there
   * @return the new version
   * @throws RunloreException when a file cannot stand in a manifest, or changes meanwhile
   * @throws IOException when the folder cannot be read
   */
  public ModelVersion push(Path folder, String modelName) throws IOException {
    return push(folder, CreateModelVersionRequest.newBuilder().setModelName(modelName).build());
  }

  /**
   * Stores a folder's files, and registers them, as {@link #push(Path, String)} does.
   *
   * @param folder the folder
   * @param version the model, and what else to record; the source is filled in
   * @return the new version
   * @throws IOException when the folder cannot be read
   */
  public ModelVersion push(Path folder, CreateModelVersionRequest version) throws IOException {
    return new Upload(connection, version.getWorkspace()).register(folder, version);
  }

  /**
   * Watches what happens, from a position or from now on, across restarts of the server.
   *
   * @param request which events; with a model's name, the model that has it now
   * @return the events, each once and in order
   * @throws RunloreException when the model does not exist, or no server answers within the client's timeout
   */
  public Watch watch(WatchRequest request) {
    return new Watch(connection, request);
  }

  /**
   * Writes a run's metrics, each point exactly once.
   *
   * @param runId the run
   * @return a writer, to be closed
   */
  public MetricWriter metrics(String runId) {
    return metrics(runId, UUID.randomUUID().toString().replace("-", ""));
  }

  /**
   * Writes a run's metrics as a certain writer, for a program that can write the same points again after a crash.
   *
   * @param runId the run
   * @param writerId stands for one sequence of points and no other: whoever uses it again gives the same points in the
   *     same order, of which those that are stored are passed over
   * @return a writer, to be closed
   */
  public MetricWriter metrics(String runId, String writerId) {
    return new MetricWriter(connection, runId, writerId);
  }

  /** Ends the connection: calls in flight end as cancelled, watches and writers too. Waits for none of them. */
  @Override
  public void close() {
    connection.close();
  }
}
