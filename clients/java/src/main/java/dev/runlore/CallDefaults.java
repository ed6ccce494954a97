package dev.runlore;

import dev.runlore.v1.EventServiceGrpc;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** What goes with every call that does not say otherwise: who and where, a deadline, a request id, credentials. */
final class CallDefaults implements ClientInterceptor {
  private static final Metadata.Key<String> WORKSPACE = key("runlore-workspace");
  private static final Metadata.Key<String> ACTOR = key("runlore-actor");

  private final Settings settings;
  private final ManagedChannel channel;

  CallDefaults(Settings settings, ManagedChannel channel) {
    this.settings = settings;
    this.channel = channel;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    CallOptions chosen = options;
    if (options.getDeadline() == null && !isEndless(method)) {
      chosen = chosen.withDeadlineAfter(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
    }
    if (options.getCredentials() == null && settings.credentials() != null) {
      chosen = chosen.withCallCredentials(settings.credentials());
    }
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      // gRPC's own pauses between connections grow to minutes; whoever calls wants to know now.
      channel.resetConnectBackoff();
    }
    LastTry last = new LastTry();
    return new SimpleForwardingClientCall<>(next.newCall(method, chosen.withStreamTracerFactory(last))) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        put(headers, WORKSPACE, settings.workspace());
        put(headers, ACTOR, settings.actor());
        super.start(new SimpleForwardingClientCallListener<>(listener) {
          @Override
          public void onClose(Status status, Metadata trailers) {
            last.tell(status, trailers, super::onClose);
          }
        }, headers);
      }

      @Override
      public void sendMessage(Q message) {
        super.sendMessage(Retries.withRequestId(message));
      }
    };
  }

  /** Whether a call lasts until its caller has enough of it. */
  private static boolean isEndless(MethodDescriptor<?, ?> method) {
    return method.getType() == MethodDescriptor.MethodType.BIDI_STREAMING
        || method.getFullMethodName().equals(EventServiceGrpc.getWatchMethod().getFullMethodName());
  }

  /**
   * How the last try of a call failed. A deadline that passes in a pause between tries would else hide why the call is
   * tried again at all.
   */
  private static final class LastTry extends ClientStreamTracer.Factory {
    private Status status;
    private Metadata trailers;

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        private Metadata received = new Metadata();

        @Override
        public void streamCreated(Attributes transport, Metadata sent) {
          ended(null, received);
        }

        @Override
        public void inboundTrailers(Metadata trailers) {
          received = trailers;
        }

        @Override
        public void streamClosed(Status closed) {
          ended(closed, received);
        }
      };
    }

    /** A try ended; null: another one is under way. */
    private synchronized void ended(Status how, Metadata details) {
      status = how;
      trailers = details;
    }

    void tell(Status ended, Metadata received, BiConsumer<Status, Metadata> listener) {
      Status failed;
      Metadata details;
      synchronized (this) {
        failed = status;
        details = trailers;
      }
      boolean between =
          ended.getCode() == Status.Code.DEADLINE_EXCEEDED
              && failed != null
              && Retries.RETRYABLE.contains(failed.getCode().name());
      listener.accept(between ? failed : ended, between ? details : received);
    }
  }

  private static void put(Metadata headers, Metadata.Key<String> key, String value) {
    if (!value.isEmpty() && !headers.containsKey(key)) {
      headers.put(key, value);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
