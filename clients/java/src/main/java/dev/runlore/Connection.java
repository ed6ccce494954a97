package dev.runlore;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The channel to one server and what is remembered of it: what every part of a client calls through. */
final class Connection implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
  /** An error names up to 20 fields, and its trailers are larger than gRPC's own limit of 8 KiB. */
  private static final int MAX_METADATA_BYTES = 64 * 1024;

  private final Settings settings;
  private final ManagedChannel managed;
  private final Channel channel;
  private final Cache cache;

  Connection(Settings settings) {
    this.settings = settings;
    this.managed =
        Grpc.newChannelBuilder(settings.address(), credentials(settings))
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .maxInboundMetadataSize(MAX_METADATA_BYTES)
            // Finds a connection that a firewall dropped silently, while a call waits on it.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .defaultServiceConfig(Retries.serviceConfig())
            .maxRetryAttempts(Retries.ATTEMPTS)
            // What cannot be kept cannot be sent again: room for the largest message.
            .perRpcBufferLimit(2L * MAX_MESSAGE_BYTES)
            .retryBufferSize(4L * MAX_MESSAGE_BYTES)
            .build();
    this.channel = ClientInterceptors.intercept(managed, new CallDefaults(settings, managed));
    this.cache = new Cache(settings.cache());
  }

  Settings settings() {
    return settings;
  }

  Channel channel() {
    return channel;
  }

  Cache cache() {
    return cache;
  }

  Retries.Pace pace(Duration patience) {
    return new Retries.Pace(managed, patience);
  }

  RunloreException error(Throwable error) {
    return RunloreException.from(error, settings.address());
  }

  /**
   * Makes calls that may be made twice, within a time for all tries. gRPC itself does not try again what breaks off in
   * the middle of an answer.
   */
  <S extends AbstractStub<S>, T> T repeat(S stub, Duration timeout, Function<S, T> calls) {
    Retries.Pace pace = pace(timeout);
    S timed = within(stub, timeout);
    while (true) {
      try {
        return calls.apply(timed);
      } catch (StatusRuntimeException broken) {
        pace.await(error(broken));
      }
    }
  }

  <S extends AbstractStub<S>, T> T repeat(S stub, Function<S, T> calls) {
    return repeat(stub, settings.timeout(), calls);
  }

  /** Lets a stub's calls have a deadline, counted from now. */
  static <S extends AbstractStub<S>> S within(S stub, Duration timeout) {
    return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    managed.shutdownNow();
    try {
      managed.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private static ChannelCredentials credentials(Settings settings) {
    if (!settings.tls()) {
      return InsecureChannelCredentials.create();
    }
    if (settings.ca() == null) {
      return TlsChannelCredentials.create();
    }
    try {
      return TlsChannelCredentials.newBuilder().trustManager(settings.ca().toFile()).build();
    } catch (IOException unreadable) {
      throw RunloreException.invalid("ca", "cannot read '" + settings.ca() + "': " + unreadable.getMessage());
    }
  }
}
