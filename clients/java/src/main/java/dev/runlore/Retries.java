package dev.runlore;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import dev.runlore.v1.ArtifactProto;
import dev.runlore.v1.EventProto;
import dev.runlore.v1.LoggedModelProto;
import dev.runlore.v1.RegistryProto;
import dev.runlore.v1.ServerProto;
import dev.runlore.v1.TrackingProto;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Which calls are tried again, when, and for how long: the one place that decides it.
 *
 * <p>Trying twice is safe where the contract says so: by a method's {@code idempotency_level}, or by a {@code
 * request_id}, under which the server keeps its first answer. gRPC itself tries those calls again, by the channel's
 * service config. What gRPC cannot take up again by itself, a stream that broke half-way, is taken up by whoever reads
 * or writes it, at the pace of a {@link Pace}.
 */
final class Retries {
  static final int ATTEMPTS = 10;
  /**
   * UNKNOWN is what grpc-java calls a connection that closes while a call is written to it; no server of ours says it.
   * Errors that have these codes and no cure say so by gRPC's pushback, such as BATCH_TOO_LARGE.
   */
  static final List<String> RETRYABLE = List.of("UNAVAILABLE", "RESOURCE_EXHAUSTED", "UNKNOWN");

  private static final String REQUEST_ID = "request_id";
  /** Streams that their readers here take up again, from where they broke. */
  private static final Set<String> TAKEN_UP =
      Set.of("runlore.v1.EventService.Watch", "runlore.v1.ArtifactService.ReadBlob");

  private Retries() {}

  /** The channel's service config. */
  static Map<String, ?> serviceConfig() {
    List<Map<String, ?>> names = new ArrayList<>();
    for (ServiceDescriptor service : services()) {
      for (MethodDescriptor method : service.getMethods()) {
        if (isSafe(method)) {
          names.add(Map.of("service", service.getFullName(), "method", method.getName()));
        }
      }
    }
    Map<String, ?> policy =
        Map.of(
            "maxAttempts", (double) ATTEMPTS,
            "initialBackoff", "0.1s",
            "maxBackoff", "3s",
            "backoffMultiplier", 2.0,
            "retryableStatusCodes", RETRYABLE);
    return Map.of("methodConfig", List.of(Map.of("name", names, "retryPolicy", policy)));
  }

  /** The request with a random {@code request_id} when it has such a field and it is empty. */
  static <Q> Q withRequestId(Q request) {
    if (!(request instanceof Message message)) {
      return request;
    }
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(REQUEST_ID);
    if (field == null || !((String) message.getField(field)).isEmpty()) {
      return request;
    }
    String id = UUID.randomUUID().toString().replace("-", "");
    @SuppressWarnings("unchecked")
    Q filled = (Q) message.toBuilder().setField(field, id).build();
    return filled;
  }

  private static boolean isSafe(MethodDescriptor method) {
    if (method.isClientStreaming() || TAKEN_UP.contains(method.getFullName())) {
      // Of the first kind, all that was sent would have to be kept.
      return false;
    }
    return method.getOptions().getIdempotencyLevel() != IdempotencyLevel.IDEMPOTENCY_UNKNOWN
        || method.getInputType().findFieldByName(REQUEST_ID) != null;
  }

  private static List<ServiceDescriptor> services() {
    return Stream.of(
            ArtifactProto.getDescriptor(),
            EventProto.getDescriptor(),
            LoggedModelProto.getDescriptor(),
            RegistryProto.getDescriptor(),
            ServerProto.getDescriptor(),
            TrackingProto.getDescriptor())
        .flatMap(file -> file.getServices().stream())
        .toList();
  }

  /** The pauses between tries of one thing, from its first failure on. */
  static final class Pace {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private final ManagedChannel channel;
    private final long endNanos;
    private Duration next = FIRST;

    /** Tries for so long; null: without an end. */
    Pace(ManagedChannel channel, Duration patience) {
      this.channel = channel;
      this.endNanos = System.nanoTime() + (patience == null ? Long.MAX_VALUE / 2 : patience.toNanos());
    }

    /** How long to wait before the next try; throws the error when there is to be none. */
    Duration after(RunloreException error) {
      if (!error.isCurable() || isOver()) {
        throw error;
      }
      Duration pause = pause(error);
      if (System.nanoTime() + pause.toNanos() - endNanos > 0) {
        throw error;
      }
      return pause;
    }

    /** Whether the client was closed, so that there is no next try. */
    boolean isOver() {
      return channel.isShutdown();
    }

    /** How long to wait before the next try, whatever went wrong. */
    Duration pause(RunloreException error) {
      // Jitter over the upper half: fully random pauses can come out so short that they burn the tries of a restart.
      long pause = (long) (next.toNanos() * ThreadLocalRandom.current().nextDouble(0.5, 1.0));
      next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
      return Duration.ofNanos(Math.max(pause, error.retryAfter().orElse(Duration.ZERO).toNanos()));
    }

    /** Waits before the next try; throws the error when there is to be none. */
    void await(RunloreException error) {
      Duration pause = after(error);
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException interrupt) {
        throw RunloreException.interrupted("waiting to try again");
      }
      reconnect();
    }

    /** Connects at once: gRPC's own pauses between connections grow to minutes. */
    void reconnect() {
      channel.resetConnectBackoff();
    }
  }
}
