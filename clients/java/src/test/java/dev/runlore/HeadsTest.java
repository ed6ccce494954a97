package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.runlore.v1.ChainHead;
import dev.runlore.v1.Event;
import dev.runlore.v1.ListEventsRequest;
import dev.runlore.v1.ListEventsResponse;
import dev.runlore.v1.ModelVersion;
import dev.runlore.v1.ResolveRequest;
import dev.runlore.v1.ResolveResponse;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A history that does not go on from the one that this machine knows is refused, until it is accepted. */
@ExtendWith(Leaks.class)
class HeadsTest {
  private static final String REFERENCE = "models:/m@champion";
  private static final String MODEL_ID = "1".repeat(32);

  @TempDir Path folder;

  @Test
  void aDatabaseThatWasRestoredIsRefusedUntilItIsAccepted() throws Exception {
    Path cache = folder.resolve("cache");
    Path backup = folder.resolve("backup.tar");
    try (RunloreServer server = RunloreServer.start();
        Runlore client = server.client(cache).build()) {
      World.write(folder, "files/weights.csv", "1");
      client.push(folder.resolve("files"), "m");
      client.push(folder.resolve("files"), "m");
      World.setAlias(client, "m", "champion", 1);
      client.resolve(REFERENCE);
      server.backup(backup);
      // More than are asked for at once.
      for (int move = 0; move < 50; move++) {
        World.setAlias(client, "m", "champion", 2 - move % 2);
      }
      assertEquals(1, client.resolve(REFERENCE).response().getModelVersion().getVersion());
    }
    try (RunloreServer restored = RunloreServer.restored(backup);
        Runlore client = restored.client(cache).build()) {
      RunloreException cut = refused(client);
      assertTrue(cut.getMessage().contains("model 'm' ends at event "), cut.getMessage());
      assertEquals("m", cut.metadata().get("model_name"));
      long known = Long.parseLong(cut.metadata().get("known_revision"));
      assertEquals(50, known - Long.parseLong(cut.metadata().get("revision")));

      // It grows past what is known, and is still another one.
      for (int move = 0; move < 60; move++) {
        World.setAlias(client, "m", "champion", 2 - move % 2);
      }
      assertTrue(refused(client).getMessage().contains("has another event " + known), "not told which event");
      assertThrows(RunloreException.class, () -> client.pull(REFERENCE, folder.resolve("pulled")));
      assertFalse(Files.exists(folder.resolve("pulled")));

      client.acceptHistory("m");
      assertFalse(client.resolve(REFERENCE).stale());
      World.setAlias(client, "m", "champion", 2);
      assertEquals(2, client.resolve(REFERENCE).response().getModelVersion().getVersion());
    }
  }

  private static RunloreException refused(Runlore client) {
    return refusal(() -> client.resolve(REFERENCE));
  }

  private static RunloreException refusal(Executable call) {
    RunloreException error = assertThrows(RunloreException.class, call);
    assertEquals("HISTORY_REWRITTEN", error.reason(), error.getMessage());
    assertEquals(Status.Code.DATA_LOSS, error.code());
    return error;
  }

  /** A chain as a server might tell it, of which no honest server tells a wrong one. */
  private static final class Chain {
    private final List<Event> events = new ArrayList<>();

    /** Adds an event; what is said in it makes its hash. */
    Chain add(String said) {
      return add(said, events.isEmpty() ? "" : events.get(events.size() - 1).getHash());
    }

    Chain add(String said, String previous) {
      ByteString canonical = ByteString.copyFromUtf8("{\"prev_hash\":\"" + previous + "\",\"reason\":\"" + said + "\"}");
      events.add(
          Event.newBuilder()
              .setRevision(events.size() + 1)
              .setCanonical(canonical)
              .setHash(Digests.sha256(canonical.toByteArray()))
              .build());
      return this;
    }

    Chain add(int count, String said) {
      for (int i = 0; i < count; i++) {
        add(said + i);
      }
      return this;
    }

    Chain upTo(int revision) {
      Chain part = new Chain();
      part.events.addAll(events.subList(0, revision));
      return part;
    }

    ResolveResponse answer(String modelId) {
      Event last = events.get(events.size() - 1);
      return ResolveResponse.newBuilder()
          .setModelVersion(ModelVersion.newBuilder().setModelName("m").setModelId(modelId))
          .setHead(ChainHead.newBuilder().setRevision(last.getRevision()).setHash(last.getHash()))
          .build();
    }

    /** A page, the newest event first; the token is how many came before. */
    ListEventsResponse list(ListEventsRequest request) {
      assertEquals(MODEL_ID, request.getResourceId());
      int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      ListEventsResponse.Builder page = ListEventsResponse.newBuilder();
      for (int i = from; i < Math.min(from + request.getPageSize(), events.size()); i++) {
        page.addEvents(events.get(events.size() - 1 - i));
      }
      int next = from + request.getPageSize();
      return page.setNextPageToken(next < events.size() ? Integer.toString(next) : "").build();
    }
  }

  private Heads heads() {
    Settings settings = Settings.of(Runlore.builder().address("127.0.0.1:1").cache(folder));
    return new Heads(settings, new Cache(folder));
  }

  private static ResolveResponse resolve(Heads heads, Chain told) {
    return resolve(heads, told.answer(MODEL_ID), told);
  }

  private static ResolveResponse resolve(Heads heads, ResolveResponse answer, Chain told) {
    ResolveRequest request = ResolveRequest.newBuilder().setReference(REFERENCE).build();
    return heads.resolve(request, () -> answer, told::list);
  }

  @Test
  void aHistoryThatGoesOnIsTakenAcrossPages() {
    Chain honest = new Chain().add(2_500, "move");
    resolve(heads(), honest.upTo(2));
    assertEquals(honest.answer(MODEL_ID), resolve(heads(), honest));
    resolve(heads(), honest);
  }

  @Test
  void aHistoryThatWasRewrittenIsRefusedWhateverIsToldOfIt() throws IOException {
    Chain honest = new Chain().add(10, "move");
    Chain known = honest.upTo(6);
    Chain garbled = honest.upTo(10);
    garbled.events.set(7, garbled.events.get(7).toBuilder().setCanonical(ByteString.copyFromUtf8("{}")).build());
    Chain silent = honest.upTo(10);
    silent.events.remove(7);
    Chain unlinked = honest.upTo(6).add("a new beginning", "");
    Map<String, Chain> told =
        Map.of(
            "ends at event 5", honest.upTo(5),
            "has another event 6", new Chain().add(6, "another"),
            "has another event 6 ", honest.upTo(5).add(5, "another"),
            "has an event 8 that is not the one that its hash names", garbled,
            "has an event 6 that is not the one that its hash names", unlinked);
    resolve(heads(), known);
    for (Map.Entry<String, Chain> each : told.entrySet()) {
      RunloreException error = refusal(() -> resolve(heads(), each.getValue()));
      assertTrue(error.getMessage().contains(each.getKey().strip()), error.getMessage());
    }
    assertTrue(
        refusal(() -> resolve(heads(), honest.answer(MODEL_ID), known)).getMessage().contains("history of model 'm' "),
        "events that are not told");
    refusal(() -> resolve(heads(), silent));

    // Refused ones leave what is known as it is, and what is accepted takes its place.
    resolve(heads(), honest);
    Chain other = new Chain().add(3, "another");
    refusal(() -> resolve(heads(), other));
    heads().forget("m");
    resolve(heads(), other);
    refusal(() -> resolve(heads(), honest));
  }

  @Test
  void aModelThatWasDeletedHasToSaySoInItsHistory() {
    Chain honest = new Chain().add(6, "move");
    resolve(heads(), honest);
    ResolveResponse another = new Chain().add(1, "created").answer("2".repeat(32));
    String message = refusal(() -> resolve(heads(), another, honest.upTo(4))).getMessage();
    assertTrue(message.contains("is another model's now"), message);
    refusal(() -> resolve(heads(), another, new Chain()));
    assertEquals(another, resolve(heads(), another, new Chain().add(6, "move").add("deleted")));
  }

  @Test
  void anAnswerAboutThePastIsCheckedAndNotRemembered() {
    Chain honest = new Chain().add(10, "move");
    resolve(heads(), honest);
    ResolveRequest past = ResolveRequest.newBuilder().setReference(REFERENCE).setAsOfPosition("1-5").build();
    heads().resolve(past, () -> honest.upTo(5).answer(MODEL_ID), honest::list);
    ResolveResponse other = new Chain().add(5, "another").answer(MODEL_ID);
    refusal(() -> heads().resolve(past, () -> other, honest::list));
    refusal(() -> resolve(heads(), honest.upTo(5)));
  }

  @Test
  void aCacheThatCannotBeWrittenToIsNoReasonToTakeAnything() throws IOException {
    // A file stands where its folder would.
    Files.writeString(folder.resolve("java"), "");
    Heads heads = heads();
    Chain honest = new Chain().add(6, "move");
    resolve(heads, honest);
    refusal(() -> resolve(heads, honest.upTo(3)));
    resolve(heads, honest.upTo(6).add("one more"));
    heads.forget("m");
    resolve(heads, honest.upTo(3));
  }
}
