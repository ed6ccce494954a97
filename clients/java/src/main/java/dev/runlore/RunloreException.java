package dev.runlore;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * A call was refused or failed.
 *
 * <p>The message is for people; {@link #reason()} and {@link #metadata()} are for programs, and {@link #violations()}
 * name each field of the request that broke a rule. {@link dev.runlore.v1.ErrorReason} documents every reason.
 */
public final class RunloreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final String DOMAIN = "runlore";
  private static final Pattern OTHER_NAME = Pattern.compile("No (subject alternative|name matching)");

  /** The one detail that outlives serialization, beside the message. */
  private final Status.Code code;
  private final transient ErrorInfo info;
  private final transient BadRequest request;
  private final transient PreconditionFailure failure;
  private final transient Duration retryAfter;

  private RunloreException(Status.Code code, String message, Throwable cause, Details details) {
    super(message, cause);
    this.code = code;
    this.info = details.info;
    this.request = details.request;
    this.failure = details.failure;
    this.retryAfter = details.retryAfter;
  }

  /**
   * Makes the typed error of what a generated stub threw.
   *
   * @param error a {@link io.grpc.StatusRuntimeException} or {@link io.grpc.StatusException}, or what has one as its
   *     cause; a {@code RunloreException} is returned as it is
   * @return the error with everything that the server said about it
   */
  public static RunloreException from(Throwable error) {
    return from(error, "the given address");
  }

  static RunloreException from(Throwable error, String address) {
    if (error instanceof RunloreException typed) {
      return typed;
    }
    Status status = Status.fromThrowable(error);
    if (status.getCode() == Status.Code.UNKNOWN && status.getCause() instanceof ClosedChannelException) {
      status = Status.UNAVAILABLE.withDescription("the connection was closed").withCause(status.getCause());
    }
    Details details = Details.of(StatusProto.fromThrowable(error));
    String said = status.getDescription() == null ? "" : status.getDescription();
    String message =
        details.info.getDomain().equals(DOMAIN)
            ? (said.isEmpty() ? details.info.getReason() : said)
            : transportMessage(status, said, address);
    return new RunloreException(status.getCode(), message, error, details);
  }

  /** An error that this client finds by itself. */
  static RunloreException of(Status.Code code, String reason, String message, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).putAllMetadata(metadata).build();
    return new RunloreException(code, message, null, new Details(info));
  }

  /** An argument that breaks a rule. */
  static RunloreException invalid(String field, String rule) {
    Details details =
        new Details(ErrorInfo.newBuilder().setReason("INVALID_FIELD").setDomain(DOMAIN).build());
    details.request =
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder().setField(field).setDescription(rule))
            .build();
    return new RunloreException(Status.Code.INVALID_ARGUMENT, field + ": " + rule, null, details);
  }

  /** The error of a thread that was interrupted while it waited; the thread stays interrupted. */
  static RunloreException interrupted(String what) {
    Thread.currentThread().interrupt();
    return of(Status.Code.CANCELLED, "", "interrupted while " + what, Map.of());
  }

  /**
   * Returns the gRPC status code.
   *
   * @return also for an error that the client found by itself: DATA_LOSS for bytes that are not what their digest says
   */
  public Status.Code code() {
    return code;
  }

  /**
   * Returns why, as a name of {@link dev.runlore.v1.ErrorReason} without its prefix, such as {@code ALIAS_MOVED}.
   *
   * @return empty when there is none, as when no server answered
   */
  public String reason() {
    return info == null ? "" : info.getReason();
  }

  /**
   * Returns who speaks of the reason.
   *
   * @return {@code runlore}; empty when there is no reason
   */
  public String domain() {
    return info == null ? "" : info.getDomain();
  }

  /**
   * Returns what {@link dev.runlore.v1.ErrorReason} documents for the reason, and {@code trace_id}, which names the call
   * in the server's log.
   *
   * @return names and values; empty when there are none
   */
  public Map<String, String> metadata() {
    return info == null ? Map.of() : info.getMetadataMap();
  }

  /**
   * Returns each field of the request that broke a rule, and the rule.
   *
   * @return empty unless the error is about fields
   */
  public List<BadRequest.FieldViolation> violations() {
    return request == null ? List.of() : request.getFieldViolationsList();
  }

  /**
   * Returns each condition of an alias move that does not hold, in words with both numbers.
   *
   * @return empty unless the reason is {@code CONDITION_NOT_MET}
   */
  public List<PreconditionFailure.Violation> preconditions() {
    return failure == null ? List.of() : failure.getViolationsList();
  }

  /**
   * Returns how long to wait before another try may succeed.
   *
   * @return empty when the server did not say so
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Whether a later try of the same call may succeed. */
  boolean isCurable() {
    return retryAfter != null || code == Status.Code.UNAVAILABLE;
  }

  /** Whether the registry is down, as far as one can tell from here. */
  boolean isOutage() {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  /** Words for what did not come from Runlore itself. */
  private static String transportMessage(Status status, String said, String address) {
    Throwable cause = status.getCause();
    String deeper = cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
    return switch (status.getCode()) {
      case UNAVAILABLE -> "cannot reach Runlore at " + address + ": "
          + (isTls(cause) ? tlsMessage(cause) : "is a server running there? " + said + deeper);
      case DEADLINE_EXCEEDED -> "Runlore at " + address + " did not answer in time: " + said;
      case UNIMPLEMENTED -> "the server at " + address + " does not have this call: is it Runlore, and as new as this "
          + "client? (" + said + ")";
      default -> (said.isEmpty() ? "the call failed" : said) + " (" + status.getCode() + ", from " + address + ")";
    };
  }

  private static boolean isTls(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof SSLException || at instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  private static String tlsMessage(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String why = String.valueOf(deepest.getMessage());
    // Java has no class of its own for it: what is wrong with a certificate itself comes as a subclass.
    if (deepest.getClass() == CertificateException.class && OTHER_NAME.matcher(why).lookingAt()) {
      return "its certificate does not match that name: connect by a name that the certificate has (" + why + ")";
    }
    return "the TLS handshake failed; a server without TLS needs tls(false) or RUNLORE_TLS=0, a private authority ca() or "
        + "RUNLORE_CA (" + why + ")";
  }

  /** The details of a google.rpc.Status that Runlore sends. */
  private static final class Details {
    ErrorInfo info;
    BadRequest request;
    PreconditionFailure failure;
    Duration retryAfter;

    Details(ErrorInfo info) {
      this.info = info;
    }

    static Details of(com.google.rpc.Status status) {
      Details found = new Details(ErrorInfo.getDefaultInstance());
      if (status == null) {
        return found;
      }
      for (Any packed : status.getDetailsList()) {
        try {
          if (packed.is(ErrorInfo.class)) {
            found.info = packed.unpack(ErrorInfo.class);
          } else if (packed.is(BadRequest.class)) {
            found.request = packed.unpack(BadRequest.class);
          } else if (packed.is(PreconditionFailure.class)) {
            found.failure = packed.unpack(PreconditionFailure.class);
          } else if (packed.is(RetryInfo.class)) {
            com.google.protobuf.Duration delay = packed.unpack(RetryInfo.class).getRetryDelay();
            found.retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
          }
        } catch (InvalidProtocolBufferException garbled) {
          // Something between us and the server garbled it; the status code still stands.
          continue;
        }
      }
      return found;
    }
  }
}
