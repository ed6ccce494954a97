package dev.runlore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Transfers at once, and the threads and connections that they take. */
final class Workers {
  private static final int AT_ONCE = 8;

  private Workers() {}

  /** One transfer. */
  interface Task {
    void run(ObjectStore store) throws IOException;
  }

  /** Runs tasks at once; the first that fails ends the others, and is thrown once they have ended. */
  static void run(Settings settings, List<Task> tasks) throws IOException {
    if (tasks.isEmpty()) {
      return;
    }
    ExecutorService threads = pool("runlore-transfer", Math.min(AT_ONCE, tasks.size()));
    ExecutorService callbacks = pool("runlore-http", 2);
    try (ObjectStore store = new ObjectStore(settings.ca(), callbacks)) {
      CompletionService<Void> done = new ExecutorCompletionService<>(threads);
      List<Future<Void>> all = new ArrayList<>();
      for (Task task : tasks) {
        all.add(
            done.submit(
                () -> {
                  task.run(store);
                  return null;
                }));
      }
      for (int i = 0; i < all.size(); i++) {
        done.take().get();
      }
    } catch (ExecutionException failed) {
      throw thrown(failed.getCause());
    } catch (InterruptedException interrupt) {
      throw RunloreException.interrupted("transferring files");
    } finally {
      end(threads);
      end(callbacks);
    }
  }

  static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException interrupt) {
      throw RunloreException.interrupted("transferring a file");
    }
  }

  private static ExecutorService pool(String name, int size) {
    return Executors.newFixedThreadPool(
        size,
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Interrupts what still runs and waits for it: nothing may write to a file that is about to be deleted. */
  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      threads.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException thrown(Throwable cause) throws IOException {
    if (cause instanceof UncheckedIOException wrapped) {
      throw wrapped.getCause();
    }
    if (cause instanceof IOException disk) {
      throw disk;
    }
    if (cause instanceof RuntimeException known) {
      throw known;
    }
    throw new IllegalStateException(cause);
  }
}
