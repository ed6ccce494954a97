package dev.runlore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.runlore.v1.ChainHead;
import dev.runlore.v1.Event;
import dev.runlore.v1.ListEventsRequest;
import dev.runlore.v1.ListEventsResponse;
import dev.runlore.v1.ModelVersion;
import dev.runlore.v1.ResolveRequest;
import dev.runlore.v1.ResolveResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Answers whose history does not go on from the one that this machine knows are refused.
 *
 * <p>A model's history is a hash chain, and each answer names its head. A head of the known revision must have the
 * known hash; of a later one, the events between are fetched and their hashes computed here, back to the known head. So
 * a history that was cut, or written anew, is noticed by whoever has seen more of it, whatever the server says of
 * itself. An answer about the past names the head of then, which the known head has to go on from: that is followed as
 * far as a thousand events back.
 */
final class Heads {
  private static final String KIND = "heads";
  private static final int PAGE = 1_000;
  /** Most events to ask for at first: a pull follows a few moves. */
  private static final int FEW = 20;

  private final Settings settings;
  private final Cache cache;
  /** By model, what the cache did not take: a folder that cannot be written to is no reason to believe everything. */
  private final Map<String, Head> unwritten = new ConcurrentHashMap<>();

  Heads(Settings settings, Cache cache) {
    this.settings = settings;
    this.cache = cache;
  }

  /** The last event of a model's chain, kept as the part of an answer that names it, and when it was seen. */
  private record Head(String modelName, String modelId, long revision, String hash, Instant time) {
    static Head of(ResolveResponse answer, Instant time) {
      ModelVersion version = answer.getModelVersion();
      ChainHead head = answer.getHead();
      return new Head(version.getModelName(), version.getModelId(), head.getRevision(), head.getHash(), time);
    }

    ResolveResponse message() {
      return ResolveResponse.newBuilder()
          .setModelVersion(ModelVersion.newBuilder().setModelName(modelName).setModelId(modelId))
          .setHead(ChainHead.newBuilder().setRevision(revision).setHash(hash))
          .build();
    }
  }

  /** Where the events between two heads come from. */
  interface Pages {
    ListEventsResponse list(ListEventsRequest request);
  }

  /** Makes the call, and checks its answer's head. */
  ResolveResponse resolve(
      ResolveRequest request, Supplier<ResolveResponse> call, Pages events) {
    // Before the call: a head that another process sees meanwhile may be later than that of this answer.
    Optional<Head> known = load(modelName(request.getReference()));
    ResolveResponse answer = call.get();
    boolean past = request.getAsOfCase() != ResolveRequest.AsOfCase.ASOF_NOT_SET;
    Head head = Head.of(answer, Instant.now());
    if (past && (known.isEmpty() || !known.get().modelId.equals(head.modelId))) {
      // Another model may have had the name then; and what was is not what this machine saw last.
      return answer;
    }
    if (known.isPresent()) {
      Head before = known.get();
      boolean sameModel = before.modelId.equals(head.modelId);
      if (answer.hasAge() && sameModel && head.revision < before.revision) {
        // From the server's memory, as the caller allowed: older than what is known here.
        return answer;
      }
      if (sameModel && head.revision == before.revision && head.hash.equals(before.hash)) {
        return answer;
      }
      boolean earlier = past && head.revision < before.revision;
      String problem = earlier ? problemBefore(events, before, head) : problem(events, before, head);
      if (!problem.isEmpty()) {
        throw refused(before, head, problem);
      }
      if (earlier) {
        return answer;
      }
    }
    keep(head);
    return answer;
  }

  /** Takes whatever the server says next for the true history. */
  void forget(String modelName) throws IOException {
    unwritten.remove(modelName);
    cache.forget(KIND, name(modelName));
  }

  private Optional<Head> load(String modelName) {
    Optional<Head> written =
        cache
            .load(KIND, name(modelName), ResolveResponse.parser())
            .map(kept -> Head.of(kept.message(), kept.time()))
            .filter(head -> head.modelName.equals(modelName));
    return Optional.ofNullable(unwritten.get(modelName)).or(() -> written);
  }

  private void keep(Head head) {
    Optional<Head> meanwhile = load(head.modelName);
    if (meanwhile.isPresent() && meanwhile.get().modelId.equals(head.modelId) && meanwhile.get().revision >= head.revision) {
      // Another call has seen more, and found that it goes on from what was known.
      return;
    }
    if (cache.keep(KIND, name(head.modelName), head.message())) {
      unwritten.remove(head.modelName);
    } else {
      unwritten.put(head.modelName, head);
    }
  }

  private String name(String modelName) {
    return settings.place() + "\0" + modelName;
  }

  /** The model's name in a reference that a server took, or is to refuse. */
  private static String modelName(String reference) {
    return reference.replaceFirst("^models:/", "").split("[/@]", 2)[0];
  }

  /** Why a head does not go on from the one before; empty when it does. */
  private static String problem(Pages events, Head before, Head head) {
    if (!head.modelId.equals(before.modelId)) {
      // Another model has the name now: this one was deleted or renamed, which its own history must tell.
      String walked = walkBack(events, before, null);
      return walked.isEmpty() ? "" : "is another model's now, and the history of this one " + walked;
    }
    if (head.revision < before.revision) {
      return "ends at event " + head.revision;
    }
    if (head.revision == before.revision) {
      return "has another event " + head.revision;
    }
    return walkBack(events, before, head);
  }

  /** Why the known head does not go on from an earlier one; empty when it does, or that is far. */
  private static String problemBefore(Pages events, Head before, Head head) {
    return before.revision - head.revision > PAGE ? "" : walkBack(events, head, before);
  }

  /** Follows a model's events from a head (null: its last event) back to the one before. */
  private static String walkBack(Pages events, Head before, Head head) {
    long size = head == null ? FEW : Math.min(head.revision - before.revision + FEW, PAGE);
    ListEventsRequest.Builder request =
        ListEventsRequest.newBuilder()
            .setResourceId(before.modelId)
            .setNewestFirst(true)
            .setIncludeCanonical(true)
            .setPageSize((int) size);
    long revision = head == null ? 0 : head.revision;
    String hash = head == null ? null : head.hash;
    while (true) {
      ListEventsResponse page;
      try {
        page = events.list(request.build());
      } catch (RunloreException error) {
        if (error.code() == Status.Code.NOT_FOUND) {
          return "is gone";
        }
        throw error;
      }
      for (Event event : page.getEventsList()) {
        if (head != null && event.getRevision() > head.revision) {
          continue;
        }
        if (hash == null) {
          revision = event.getRevision();
          hash = event.getHash();
        }
        if (!Digests.sha256(event.getCanonical().toByteArray()).equals(hash)) {
          return "has an event " + revision + " that is not the one that its hash names";
        }
        if (revision == before.revision) {
          return hash.equals(before.hash) ? "" : "has another event " + revision;
        }
        hash = previousHash(event.getCanonical());
        revision--;
        if (revision == before.revision && hash.equals(before.hash)) {
          return "";
        }
      }
      if (page.getNextPageToken().isEmpty()) {
        return revision > 0 ? "does not hold event " + before.revision : "is gone";
      }
      request.setPageToken(page.getNextPageToken());
    }
  }

  /** From the text that was hashed: what the event says beside it proves nothing. */
  private static String previousHash(ByteString canonical) {
    Event.Builder event = Event.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(canonical.toStringUtf8(), event);
    } catch (InvalidProtocolBufferException unreadable) {
      return "";
    }
    return event.getPrevHash();
  }

  private static RunloreException refused(Head before, Head head, String problem) {
    String message =
        "the registry's history of model '" + before.modelName + "' " + problem + "; at " + before.time
            + " it had event " + before.revision + " with hash " + before.hash.substring(0, 12) + "…: it was cut or "
            + "rewritten, or the database was restored from a backup. Find out which; if the server's history is the "
            + "true one, say so by acceptHistory(\"" + before.modelName + "\")";
    return RunloreException.of(
        Status.Code.DATA_LOSS,
        "HISTORY_REWRITTEN",
        message,
        Map.of(
            "model_name", before.modelName,
            "known_revision", Long.toString(before.revision),
            "known_hash", before.hash,
            "revision", Long.toString(head.revision),
            "hash", head.hash));
  }
}
