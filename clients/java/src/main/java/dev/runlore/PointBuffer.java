package dev.runlore;

import dev.runlore.v1.LogStreamFrame;
import java.util.Map;

/**
 * Points that are not known to be stored, numbered from 1 in the order they were logged; a ring that grows up to its
 * capacity. For one thread at a time.
 */
final class PointBuffer {
  private final int capacity;
  private String[] keys = new String[64];
  private long[] steps = new long[64];
  private long[] times = new long[64];
  private double[] values = new double[64];
  private long first = 1;
  private long next = 1;

  PointBuffer(int capacity) {
    this.capacity = capacity;
  }

  /** The number of the first point that is here, or would be. */
  long first() {
    return first;
  }

  /** The number that the next point gets. */
  long next() {
    return next;
  }

  boolean isFull() {
    return next - first >= capacity;
  }

  void add(String key, long step, long timeUnixMicros, double value) {
    if (next - first == keys.length) {
      grow();
    }
    int at = at(next++);
    keys[at] = key;
    steps[at] = step;
    times[at] = timeUnixMicros;
    values[at] = value;
  }

  /** Lets points go that are stored. */
  void free(long stored) {
    for (; first <= stored && first < next; first++) {
      keys[at(first)] = null;
    }
  }

  /** Adds points to a frame; keys that are new to the stream are introduced. */
  void fill(LogStreamFrame.Builder frame, long from, int count, Map<String, Integer> known) {
    for (long number = from; number < from + count; number++) {
      int at = at(number);
      Integer key = known.get(keys[at]);
      if (key == null) {
        key = known.size();
        known.put(keys[at], key);
        frame.addNewKeys(keys[at]);
      }
      frame.addKeys(key).addSteps(steps[at]).addTimesUnixUs(times[at]).addValues(values[at]);
    }
  }

  private int at(long number) {
    return (int) (number % keys.length);
  }

  private void grow() {
    int size = (int) Math.min((long) capacity, keys.length * 2L);
    String[] oldKeys = keys;
    long[] oldSteps = steps;
    long[] oldTimes = times;
    double[] oldValues = values;
    keys = new String[size];
    steps = new long[size];
    times = new long[size];
    values = new double[size];
    for (long number = first; number < next; number++) {
      int from = (int) (number % oldKeys.length);
      int to = at(number);
      keys[to] = oldKeys[from];
      steps[to] = oldSteps[from];
      times[to] = oldTimes[from];
      values[to] = oldValues[from];
    }
  }
}
