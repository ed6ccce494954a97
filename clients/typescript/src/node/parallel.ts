/** Doing several things at once, of which one that fails ends the others. */

/** Does `work` for each item, so many at once; rejects with the first failure once all that was begun has ended. */
export async function forEach<T>(
  items: Iterable<T>,
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) {
    stop();
  }
  const left = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    for (let next = left.next(); !next.done && !controller.signal.aborted; next = left.next()) {
      try {
        await work(next.value, controller.signal);
      } catch (error) {
        failure ??= { error };
        controller.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  signal?.removeEventListener("abort", stop);
  if (failure !== undefined) {
    throw failure.error;
  }
  signal?.throwIfAborted();
}
