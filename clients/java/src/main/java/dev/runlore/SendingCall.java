package dev.runlore;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.function.Consumer;

/**
 * A call that sends a stream, for a thread that may wait on a monitor: whenever the connection takes more, something
 * came back or the call ended, the monitor is notified. Everything here belongs to whoever holds the monitor.
 */
final class SendingCall<Q, R> implements ClientResponseObserver<Q, R> {
  private final Object monitor;
  private final Consumer<R> answers;
  private ClientCallStreamObserver<Q> requests;
  private boolean over;
  private boolean halfClosed;
  private Throwable error;

  /** {@code answers} is told each response, with the monitor held. */
  SendingCall(Object monitor, Consumer<R> answers) {
    this.monitor = monitor;
    this.answers = answers;
  }

  /** Whether the connection takes more now, without keeping it in memory. */
  boolean isReady() {
    return !over && !halfClosed && requests.isReady();
  }

  boolean isOver() {
    return over;
  }

  boolean isHalfClosed() {
    return halfClosed;
  }

  /** Why it is over; null when it ended well. */
  Throwable error() {
    return error;
  }

  void send(Q request) {
    if (!over) {
      requests.onNext(request);
    }
  }

  /** Sends no more. */
  void halfClose() {
    if (!over && !halfClosed) {
      halfClosed = true;
      requests.onCompleted();
    }
  }

  /** Ends the call at once. */
  void cancel(String why) {
    halfClosed = true;
    requests.cancel(why, null);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> given) {
    requests = given;
    given.setOnReadyHandler(
        () -> {
          synchronized (monitor) {
            monitor.notifyAll();
          }
        });
  }

  @Override
  public void onNext(R response) {
    synchronized (monitor) {
      answers.accept(response);
      monitor.notifyAll();
    }
  }

  @Override
  public void onError(Throwable failure) {
    synchronized (monitor) {
      over = true;
      error = failure;
      monitor.notifyAll();
    }
  }

  @Override
  public void onCompleted() {
    synchronized (monitor) {
      over = true;
      monitor.notifyAll();
    }
  }
}
