package dev.runlore;

import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Writes a run's metrics: each point exactly once, whatever becomes of connections and servers meanwhile.
 *
 * <p>{@link #log} puts a point into a buffer of 100,000 and returns; a thread of its own sends what is there, over one
 * stream after the other, and lets go of a point once the server has stored it. A full buffer makes {@code log} wait.
 *
 * <p>What is in the buffer is lost when the process dies: at most the points since the last {@link #flush}. A program
 * that can write the same points again gives its writer an id ({@link Runlore#metrics(String, String)}), starts over, and
 * loses nothing. {@link #close()} stores everything, or says that it could not.
 *
 * <p>For any number of threads.
 */
public final class MetricWriter implements AutoCloseable {
  private static final int CAPACITY = 100_000;
  private static final int KEY_CHARACTERS = 250;

  private final Object lock = new Object();
  private final Duration timeout;
  private final PointBuffer points;
  private final MetricStream stream;
  private final Thread sender;

  MetricWriter(Connection connection, String runId, String writerId) {
    this.timeout = connection.settings().timeout();
    this.points = new PointBuffer(CAPACITY);
    this.stream = new MetricStream(connection, runId, writerId, points, lock);
    this.sender = new Thread(stream, "runlore-metrics");
    sender.setDaemon(true);
    sender.start();
  }

  /**
   * Logs a point of this moment.
   *
   * @param key the metric, 1 to 250 characters
   * @param step may be negative, may repeat, and comes in any order
   * @param value may be NaN or infinite
   * @throws RunloreException as {@link #log(String, long, double, Instant)}
   */
  public void log(String key, long step, double value) {
    log(key, step, value, Instant.now());
  }

  /**
   * Logs a point of each metric at this moment.
   *
   * @param values by key
   * @param step as there
   * @throws RunloreException as {@link #log(String, long, double, Instant)}; points of the other keys may be logged
   */
  public void log(Map<String, ? extends Number> values, long step) {
    Instant now = Instant.now();
    values.forEach((key, value) -> log(key, step, value.doubleValue(), now));
  }

  /**
   * Logs a point.
   *
   * @param key the metric, 1 to 250 characters
   * @param step may be negative, may repeat, and comes in any order
   * @param value may be NaN or infinite
   * @param time when it was taken; kept to the microsecond
   * @throws RunloreException when the server refuses this writer's points; when the buffer stays full for the client's
   *     timeout (UNAVAILABLE: this point is not logged, and those before it are still being sent)
   * @throws IllegalStateException after {@link #close()}
   */
  public void log(String key, long step, double value, Instant time) {
    checkKey(key);
    long micros = TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1_000;
    synchronized (lock) {
      if (stream.isEnding()) {
        throw new IllegalStateException("the writer is closed");
      }
      if (!await(timeout, () -> !points.isFull())) {
        throw late("the buffer of " + CAPACITY + " points is full, and a point was not logged", Status.Code.UNAVAILABLE);
      }
      points.add(key, step, micros, value);
      stream.added();
    }
  }

  /**
   * Waits until everything that was logged is stored.
   *
   * @param most how long to wait
   * @throws RunloreException when the server refuses the points, or does not store them in time (DEADLINE_EXCEEDED: they
   *     are still being sent)
   */
  public void flush(Duration most) {
    synchronized (lock) {
      long last = points.next() - 1;
      stream.hurry(last);
      if (!await(most, () -> stream.committed() >= last)) {
        throw late((last - stream.committed()) + " points are not stored yet", Status.Code.DEADLINE_EXCEEDED);
      }
    }
  }

  /**
   * Returns how many points of this writer are stored.
   *
   * @return those that were stored before by its id among them
   */
  public long committedPoints() {
    synchronized (lock) {
      return stream.committed();
    }
  }

  /**
   * Stores what was logged, within the client's timeout, and ends the writer.
   *
   * @throws RunloreException when that cannot be done: what is not stored is lost then
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (stream.isEnding()) {
        return;
      }
    }
    try {
      flush(timeout);
    } finally {
      synchronized (lock) {
        stream.end();
      }
      join();
    }
  }

  private void join() {
    try {
      // A stream whose points are all stored ends by itself; any other at once.
      sender.join(TimeUnit.SECONDS.toMillis(5));
      if (sender.isAlive()) {
        sender.interrupt();
        sender.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException interrupt) {
      sender.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private interface Condition {
    boolean holds();
  }

  /** Waits with the lock held; false when the time is over. */
  private boolean await(Duration most, Condition condition) {
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      if (stream.refusal() != null) {
        throw stream.refusal();
      }
      if (condition.holds()) {
        return true;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      try {
        lock.wait(left);
      } catch (InterruptedException interrupt) {
        throw RunloreException.interrupted("writing metrics");
      }
    }
  }

  private RunloreException late(String what, Status.Code code) {
    String why = stream.trouble() == null ? "" : ": " + stream.trouble().getMessage();
    return RunloreException.of(code, "", what + why, Map.of());
  }

  /** Here and not by the server alone: it would refuse the stream, and all points behind this one with it. */
  private static void checkKey(String key) {
    int characters = key.codePointCount(0, key.length());
    if (characters < 1 || characters > KEY_CHARACTERS) {
      throw RunloreException.invalid("key", "has " + characters + " characters: 1 to 250 are allowed");
    }
    if (key.codePoints().anyMatch(c -> c < 0x20 || c == 0x7f || Character.getType(c) == Character.SURROGATE)) {
      throw RunloreException.invalid("key", "has a control character, or half of a surrogate pair");
    }
  }
}
