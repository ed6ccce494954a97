package dev.runlore;

import dev.runlore.v1.Event;
import dev.runlore.v1.EventServiceGrpc;
import dev.runlore.v1.GetRegisteredModelRequest;
import dev.runlore.v1.RegistryServiceGrpc;
import dev.runlore.v1.WatchRequest;
import dev.runlore.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Events as they are committed, each once and in order, across restarts of the server: a stream that ends is taken up
 * again after the last position.
 *
 * <p>Without an end: {@link #hasNext()} waits for the next event. {@link #close()}, from any thread, ends the wait. One
 * thread at a time reads.
 *
 * <pre>{@code
 * try (Watch watch = runlore.watch(WatchRequest.newBuilder().setModelName("ctr").setAlias("champion").build())) {
 *   watch.stream().forEach(event -> ...);
 * }
 * }</pre>
 */
public final class Watch implements Iterator<Event>, AutoCloseable {
  /** A server that is gone without a word is noticed by keepalive pings, one that hangs by this. */
  private static final Duration STREAM_AGE = Duration.ofMinutes(10);

  private final Connection connection;
  private final WatchRequest.Builder wanted;
  private final Context.CancellableContext context = Context.ROOT.withCancellation();
  private final Queue<Event> events = new ArrayDeque<>();
  private Iterator<WatchResponse> responses;
  private Retries.Pace pace;
  private boolean answered;
  private String position;
  private volatile boolean closed;

  Watch(Connection connection, WatchRequest request) {
    this.connection = connection;
    this.wanted = request.toBuilder();
    this.position = request.getAfterPosition();
    if (request.hasModelName()) {
      // By its id: taken up again, it must not go on with another model of that name.
      GetRegisteredModelRequest named =
          GetRegisteredModelRequest.newBuilder().setWorkspace(request.getWorkspace()).setName(request.getModelName()).build();
      wanted.setResourceId(
          connection.repeat(RegistryServiceGrpc.newBlockingStub(connection.channel()), stub -> stub.getRegisteredModel(named))
              .getRegisteredModel()
              .getModelId());
    }
    this.pace = connection.pace(connection.settings().timeout());
  }

  /**
   * Waits for an event.
   *
   * @return true; false once this is closed
   * @throws RunloreException when the server refuses the watch, or when the first one does not answer within the
   *     client's timeout; later ones are waited for
   */
  @Override
  public boolean hasNext() {
    while (events.isEmpty() && !closed) {
      receive();
    }
    return !closed;
  }

  /**
   * Waits for an event and returns it.
   *
   * @return the event
   * @throws NoSuchElementException once this is closed
   * @throws RunloreException as {@link #hasNext()}
   */
  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch is closed");
    }
    Event event = events.remove();
    position = events.isEmpty() ? wanted.getAfterPosition() : event.getPosition();
    return event;
  }

  /**
   * Returns the events as a stream, whose end is {@link #close()}.
   *
   * @return a sequential stream over this; closing it closes this
   */
  public Stream<Event> stream() {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false)
        .onClose(this::close);
  }

  /**
   * Returns where another watch goes on, as {@code after_position}, without missing or repeating an event.
   *
   * @return the position behind the last event that {@link #next()} returned; empty before the first answer
   */
  public String position() {
    return position;
  }

  /** Ends the watch, and whoever waits in it. */
  @Override
  public void close() {
    closed = true;
    context.cancel(null);
  }

  private void receive() {
    try {
      if (responses == null) {
        Duration age = answered ? STREAM_AGE : connection.settings().timeout();
        WatchRequest request = wanted.build();
        responses = inContext(() -> Connection.within(EventServiceGrpc.newBlockingStub(connection.channel()), age).watch(request));
      }
      if (!responses.hasNext()) {
        // It ended without an error, as it may.
        responses = null;
        return;
      }
      WatchResponse response = responses.next();
      events.addAll(response.getEventsList());
      wanted.setAfterPosition(response.getPosition());
      if (events.isEmpty()) {
        position = response.getPosition();
      }
      answered = true;
      pace = connection.pace(null);
    } catch (StatusRuntimeException broken) {
      responses = null;
      again(connection.error(broken));
    }
  }

  private void again(RunloreException error) {
    if (closed) {
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw RunloreException.interrupted("watching");
    }
    if (answered && error.code() == Status.Code.DEADLINE_EXCEEDED && error.reason().isEmpty()) {
      // Its age; the server may as well be there.
      return;
    }
    if (answered && error.reason().isEmpty() && isBroken(error.code())) {
      pace.await(RunloreException.of(Status.Code.UNAVAILABLE, "", error.getMessage(), Map.of()));
      return;
    }
    pace.await(error);
  }

  /** Whether what carries the stream broke, and not the server's will. */
  private static boolean isBroken(Status.Code code) {
    return code == Status.Code.INTERNAL || code == Status.Code.UNKNOWN || code == Status.Code.CANCELLED;
  }

  private <T> T inContext(java.util.function.Supplier<T> call) {
    Context before = context.attach();
    try {
      return call.get();
    } finally {
      context.detach(before);
    }
  }
}
