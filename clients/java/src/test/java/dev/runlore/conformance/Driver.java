package dev.runlore.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.PreconditionFailure;
import dev.runlore.ManifestDigest;
import dev.runlore.MetricWriter;
import dev.runlore.Resolved;
import dev.runlore.Runlore;
import dev.runlore.RunloreException;
import dev.runlore.Watch;
import dev.runlore.v1.FileEntry;
import dev.runlore.v1.GetServerInfoRequest;
import dev.runlore.v1.ModelVersion;
import dev.runlore.v1.ResolveRequest;
import dev.runlore.v1.WatchRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The conformance suite's driver for this client: one JSON object a line comes in, one goes out, as
 * {@code tests/conformance/README.md} says. Every operation goes through the client's public API.
 */
public final class Driver {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private final Map<String, Runlore> clients = new HashMap<>();
  private Path ownCache;

  /** Answers until the input ends. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    warmUp();
    Driver driver = new Driver();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(driver.answer(JsonParser.parseString(line).getAsJsonObject()));
    }
    driver.close();
    System.exit(0);
  }

  /** Calls nobody, so that the deadline of a case is not spent on loading classes. */
  private static void warmUp() {
    try (Runlore nobody = Runlore.builder().address("127.0.0.1:1").timeout(Duration.ofMillis(50)).build()) {
      nobody.call(() -> nobody.server().getServerInfo(GetServerInfoRequest.getDefaultInstance()));
    } catch (RunloreException absent) {
      // As wanted.
    }
  }

  private void close() throws IOException {
    clients.values().forEach(Runlore::close);
    if (ownCache != null) {
      try (Stream<Path> all = Files.walk(ownCache)) {
        // What is in a folder before the folder.
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private JsonObject answer(JsonObject operation) {
    try {
      return switch (text(operation, "op")) {
        case "call" -> new Calls(client(operation, null)).make(operation);
        case "manifest_digest" -> response("digest", ManifestDigest.of(files(operation.getAsJsonArray("files"))));
        case "push" -> push(operation);
        case "pull" -> pull(operation);
        case "resolve" -> resolve(operation);
        case "watch" -> watch(operation);
        case "log" -> log(operation);
        default -> unsupported("no operation " + text(operation, "op"));
      };
    } catch (RunloreException error) {
      return error(error);
    } catch (IllegalArgumentException | IOException error) {
      JsonObject described = new JsonObject();
      described.addProperty("message", error.getMessage());
      return wrap("error", described);
    }
  }

  private JsonObject push(JsonObject operation) throws IOException {
    ModelVersion version =
        client(operation, null).push(Path.of(text(operation, "folder")), text(operation, "model"));
    JsonObject found = new JsonObject();
    found.addProperty("version", Long.toString(version.getVersion()));
    found.addProperty("manifest_digest", version.getManifestDigest());
    return wrap("response", found);
  }

  private JsonObject pull(JsonObject operation) throws IOException {
    Resolved pulled =
        client(operation, null).pull(text(operation, "reference"), Path.of(text(operation, "destination")));
    return response("manifest_digest", pulled.response().getModelVersion().getManifestDigest());
  }

  private JsonObject resolve(JsonObject operation) throws IOException {
    ResolveRequest.Builder request = ResolveRequest.newBuilder();
    parse(operation.get("request"), request);
    Resolved resolved = client(operation, Path.of(text(operation, "cache"))).resolve(request.build());
    JsonObject answer = wrap("response", json(resolved.response()));
    answer.addProperty("from_cache", resolved.stale());
    return answer;
  }

  private JsonObject watch(JsonObject operation) throws IOException {
    WatchRequest.Builder request = WatchRequest.newBuilder();
    parse(operation.get("request"), request);
    JsonArray events = new JsonArray();
    try (Watch watch = client(operation, null).watch(request.build())) {
      while (events.size() < operation.get("take").getAsInt() && watch.hasNext()) {
        events.add(json(watch.next()));
      }
    }
    return wrap("stream", events);
  }

  private JsonObject log(JsonObject operation) throws IOException {
    try (MetricWriter writer =
        client(operation, null).metrics(text(operation, "run_id"), text(operation, "writer_id"))) {
      for (JsonElement element : operation.getAsJsonArray("points")) {
        JsonArray point = element.getAsJsonArray();
        Instant time = Instant.EPOCH.plus(point.get(2).getAsLong(), ChronoUnit.MICROS);
        writer.log(point.get(0).getAsString(), point.get(1).getAsLong(), number(point.get(3)), time);
      }
      writer.close();
      return response("committed_points", Long.toString(writer.committedPoints()));
    }
  }

  /** A client of its own for each address, workspace and cache; it says of itself only what the operation says. */
  private Runlore client(JsonObject operation, Path cache) throws IOException {
    if (ownCache == null) {
      ownCache = Files.createTempDirectory("runlore-conformance-");
    }
    Path folder = cache == null ? ownCache : cache;
    String workspace = operation.has("workspace") ? text(operation, "workspace") : "";
    return clients.computeIfAbsent(
        String.join("\0", text(operation, "address"), workspace, folder.toString()),
        key ->
            Runlore.builder()
                .address(text(operation, "address"))
                .workspace(workspace)
                .actor("")
                .cache(folder)
                .build());
  }

  private static List<FileEntry> files(JsonArray entries) throws IOException {
    List<FileEntry> files = new ArrayList<>();
    for (JsonElement entry : entries) {
      FileEntry.Builder file = FileEntry.newBuilder();
      parse(entry, file);
      files.add(file.build());
    }
    return files;
  }

  private static double number(JsonElement value) {
    return Double.parseDouble(value.getAsString());
  }

  static void parse(JsonElement json, Message.Builder into) throws InvalidProtocolBufferException {
    JsonFormat.parser().merge(json.toString(), into);
  }

  static JsonElement json(Message message) {
    try {
      return JsonParser.parseString(PRINTER.print(message));
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  /** An error as tests/conformance/README.md has it, from the client's typed error. */
  static JsonObject error(RunloreException error) {
    JsonObject described = new JsonObject();
    described.addProperty("code", error.code().name());
    described.addProperty("message", error.getMessage());
    if (!error.reason().isEmpty()) {
      described.addProperty("reason", error.reason());
      described.addProperty("domain", error.domain());
      JsonObject metadata = new JsonObject();
      error.metadata().forEach(metadata::addProperty);
      described.add("metadata", metadata);
    }
    if (!error.violations().isEmpty()) {
      JsonArray violations = new JsonArray();
      for (BadRequest.FieldViolation violation : error.violations()) {
        violations.add(pair("field", violation.getField(), violation.getDescription()));
      }
      described.add("violations", violations);
    }
    if (!error.preconditions().isEmpty()) {
      JsonArray preconditions = new JsonArray();
      for (PreconditionFailure.Violation violation : error.preconditions()) {
        preconditions.add(pair("subject", violation.getSubject(), violation.getDescription()));
      }
      described.add("preconditions", preconditions);
    }
    error.retryAfter().ifPresent(after -> described.addProperty("retry_seconds", after.toMillis() / 1e3));
    return wrap("error", described);
  }

  private static JsonObject pair(String name, String value, String description) {
    JsonObject pair = new JsonObject();
    pair.addProperty(name, value);
    pair.addProperty("description", description);
    return pair;
  }

  static JsonObject unsupported(String reason) {
    JsonObject answer = new JsonObject();
    answer.addProperty("unsupported", reason);
    return answer;
  }

  static JsonObject wrap(String kind, JsonElement outcome) {
    JsonObject answer = new JsonObject();
    answer.add(kind, outcome);
    return answer;
  }

  private static JsonObject response(String name, String value) {
    JsonObject found = new JsonObject();
    found.addProperty(name, value);
    return wrap("response", found);
  }

  static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }
}
