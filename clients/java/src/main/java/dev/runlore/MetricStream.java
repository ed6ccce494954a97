package dev.runlore;

import dev.runlore.v1.LogStreamFrame;
import dev.runlore.v1.LogStreamOpen;
import dev.runlore.v1.LogStreamOpened;
import dev.runlore.v1.LogStreamRequest;
import dev.runlore.v1.LogStreamResponse;
import dev.runlore.v1.TrackingServiceGrpc;
import io.grpc.Status;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Sends a writer's points over LogStream, one call after the other. A call that fails is made again, and goes on behind
 * what the server has committed by then: points keep their numbers, so that nothing is stored twice.
 *
 * <p>All of it belongs to whoever holds the lock, which its thread lets go of while it waits.
 */
final class MetricStream implements Runnable {
  private static final System.Logger LOG = System.getLogger("dev.runlore");

  private static final int FRAME_POINTS = 5_000;
  /** Keys of a stream, as the contract caps them. */
  private static final int STREAM_KEYS = 10_000;
  /** A few points more wait so long for company. */
  private static final long COMPANY_NANOS = Duration.ofMillis(100).toNanos();
  /** How long the server may take to store what it was sent. */
  private static final long SILENCE_NANOS = Duration.ofSeconds(60).toNanos();
  /** Failures after which the same points may be taken by a later try. */
  private static final Set<Status.Code> PASSING =
      EnumSet.of(
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN,
          Status.Code.UNAVAILABLE);

  private final Connection connection;
  private final String runId;
  private final PointBuffer points;
  private final Object lock;
  private final long openNanos;

  private String writerId;
  /** What a point's number is above its number for the server. */
  private long offset;
  private long committed;
  private long hurryTo;
  private boolean ending;
  private int framePoints = FRAME_POINTS;
  private RunloreException refusal;
  private RunloreException trouble;

  /** Of the present call. */
  private SendingCall<LogStreamRequest, LogStreamResponse> call;
  private LogStreamOpened opened;
  private long answeredAt;

  MetricStream(Connection connection, String runId, String writerId, PointBuffer points, Object lock) {
    this.connection = connection;
    this.runId = runId;
    this.writerId = writerId;
    this.points = points;
    this.lock = lock;
    this.openNanos = connection.settings().timeout().toNanos();
  }

  /** The number of the last point that is stored. */
  long committed() {
    return committed;
  }

  /** Why the server does not take the points, when it is not for it being away. */
  RunloreException refusal() {
    return refusal;
  }

  /** Why points cannot be sent for now; null when they can. */
  RunloreException trouble() {
    return trouble;
  }

  boolean isEnding() {
    return ending;
  }

  /** Points were added. */
  void added() {
    // The server may have it from this writer's earlier life.
    points.free(committed);
    long waiting = points.next() - points.first();
    if (waiting == 1 || waiting % FRAME_POINTS == 0) {
      lock.notifyAll();
    }
  }

  /** Sends points up to this one without waiting for company. */
  void hurry(long last) {
    hurryTo = Math.max(hurryTo, last);
    lock.notifyAll();
  }

  /** Takes no more points; ends at once when there are some left. */
  void end() {
    ending = true;
    lock.notifyAll();
  }

  @Override
  public void run() {
    Retries.Pace pace = connection.pace(null);
    try {
      synchronized (lock) {
        while (!isDone()) {
          RunloreException error;
          try {
            error = converse();
          } finally {
            leave();
          }
          if (opened != null) {
            pace = connection.pace(null);
          }
          if (error == null && !isDone()) {
            // The server ended it, as it may.
            lock.wait(TimeUnit.NANOSECONDS.toMillis(COMPANY_NANOS));
          } else if (error != null && !failed(error, pace)) {
            return;
          }
        }
      }
    } catch (InterruptedException closed) {
      // Nobody waits for the points any more.
    } catch (RuntimeException | Error defect) {
      LOG.log(System.Logger.Level.ERROR, "the writer of run " + runId + " failed", defect);
      synchronized (lock) {
        refusal = connection.error(defect);
        lock.notifyAll();
      }
    }
  }

  /** Whether nothing is left to do, or nobody wants it done. */
  private boolean isDone() {
    return ending || refusal != null;
  }

  /** One call, from its beginning to its end; returns why it ended, null when there was nothing wrong. */
  private RunloreException converse() throws InterruptedException {
    begin();
    long now = System.nanoTime();
    while (opened == null && !call.isOver() && !ending) {
      if (System.nanoTime() - now > openNanos) {
        return RunloreException.of(
            Status.Code.DEADLINE_EXCEEDED, "", "Runlore at " + connection.settings().address() + " did not answer in time", Map.of());
      }
      lock.wait(100);
    }
    if (opened != null && goOn()) {
      send();
    }
    return call.error() == null ? null : connection.error(call.error());
  }

  private void begin() {
    opened = null;
    answeredAt = System.nanoTime();
    call = new SendingCall<>(lock, this::answered);
    TrackingServiceGrpc.newStub(connection.channel()).logStream(call);
    LogStreamOpen open = LogStreamOpen.newBuilder().setRunId(runId).setWriterId(writerId).build();
    call.send(LogStreamRequest.newBuilder().setOpen(open).build());
  }

  private void answered(LogStreamResponse response) {
    answeredAt = System.nanoTime();
    if (response.hasOpened()) {
      opened = response.getOpened();
    } else {
      commit(response.getAcknowledged().getCommittedPoints() + offset);
    }
  }

  private void commit(long number) {
    committed = Math.max(committed, number);
    points.free(number);
  }

  /** Finds the first point that the server does not have; false when it takes another writer to go on. */
  private boolean goOn() {
    long stored = opened.getCommittedPoints() + offset;
    trouble = null;
    if (stored + 1 < points.first()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "run {0}: the server lost {1} points of this writer that it had stored, as by a restore; going on as another",
          runId,
          points.first() - 1 - stored);
      writerId = writerId.split("-", 2)[0] + "-" + points.first();
      offset = points.first() - 1;
      return false;
    }
    commit(stored);
    return true;
  }

  /** Sends what there is as it comes, until the call ends. */
  private void send() throws InterruptedException {
    Map<String, Integer> keys = new HashMap<>();
    long next = committed + 1;
    long heartbeat = TimeUnit.SECONDS.toNanos(Math.max(1, opened.getHeartbeatInterval().getSeconds()));
    long sentAt = System.nanoTime() - COMPANY_NANOS;
    while (!call.isOver()) {
      long now = System.nanoTime();
      long room = Math.max(1, opened.getMaxUnacknowledgedPoints()) - (next - 1 - committed);
      int count = (int) Math.max(0, Math.min(Math.min(framePoints, room), points.next() - next));
      boolean company = count * 2 > framePoints || next <= hurryTo || now - sentAt >= COMPANY_NANOS;
      if (ending) {
        if (points.next() - 1 > committed) {
          call.cancel("the writer was closed");
        }
        call.halfClose();
      } else if (now - answeredAt > SILENCE_NANOS && next - 1 > committed) {
        call.cancel("the server does not answer");
      } else if (keys.size() > STREAM_KEYS - framePoints && count > 0) {
        // Another stream has room for them.
        call.halfClose();
      } else if (call.isReady() && count > 0 && company) {
        LogStreamFrame.Builder frame = LogStreamFrame.newBuilder().setFirstPoint(next - offset);
        points.fill(frame, next, count, keys);
        call.send(LogStreamRequest.newBuilder().setFrame(frame).build());
        next += count;
        sentAt = now;
        continue;
      } else if (call.isReady() && count == 0 && now - sentAt >= heartbeat) {
        LogStreamFrame frame = LogStreamFrame.newBuilder().setFirstPoint(next - offset).build();
        call.send(LogStreamRequest.newBuilder().setFrame(frame).build());
        sentAt = now;
        continue;
      }
      if (!call.isOver()) {
        lock.wait(count > 0 && !company ? TimeUnit.NANOSECONDS.toMillis(COMPANY_NANOS - (now - sentAt)) + 1 : 1_000);
      }
    }
  }

  private void leave() {
    if (call != null && !call.isOver()) {
      call.cancel("the writer leaves");
    }
  }

  /** Waits before the next call; false when there is to be none. */
  private boolean failed(RunloreException error, Retries.Pace pace) throws InterruptedException {
    if (error.reason().equals("BATCH_TOO_LARGE")) {
      framePoints = Math.max(framePoints / 2, 1);
    }
    boolean passes =
        error.isCurable()
            || PASSING.contains(error.code())
            || error.reason().equals("SEQUENCE_GAP")
            || error.reason().equals("BATCH_TOO_LARGE") && framePoints > 1;
    if (!passes || pace.isOver()) {
      refusal = error;
      lock.notifyAll();
      return false;
    }
    if (trouble == null) {
      LOG.log(System.Logger.Level.WARNING, "run {0}: points cannot be stored for now, and are kept: {1}", runId, error.getMessage());
    }
    trouble = error;
    long until = System.nanoTime() + pace.pause(error).toNanos();
    for (long left = until - System.nanoTime(); left > 0 && !ending; left = until - System.nanoTime()) {
      lock.wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }
    pace.reconnect();
    return true;
  }
}
