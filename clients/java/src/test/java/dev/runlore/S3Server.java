package dev.runlore;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A real S3 server, as the Python tests have it, for a {@code runlore-server} to keep its artifacts in. */
final class S3Server implements AutoCloseable {
  private final Process process;
  private final String artifacts;
  private final Map<String, String> variables = new TreeMap<>();

  S3Server() throws IOException {
    String python = RunloreServer.top().resolve(".venv/bin/python").toString();
    process =
        RunloreServer.isolated(List.of(python, "-m", "tests.s3"))
            .directory(RunloreServer.top().toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    if (line == null) {
      throw new IOException("the S3 server did not start: its output says why");
    }
    JsonObject said = JsonParser.parseString(line).getAsJsonObject();
    artifacts = said.get("artifacts").getAsString();
    said.getAsJsonObject("variables").entrySet().forEach(each -> variables.put(each.getKey(), each.getValue().getAsString()));
  }

  /** An {@code s3://} place in it, for {@code --artifacts}. */
  String artifacts() {
    return artifacts;
  }

  /** {@code host:port}. */
  String address() {
    return variables.get("RUNLORE_S3_ENDPOINT").replaceFirst("^http://", "");
  }

  /** What leads a server there, and its clients to another endpoint. */
  Map<String, String> variables(String publicEndpoint) {
    Map<String, String> all = new TreeMap<>(variables);
    all.put("RUNLORE_S3_PUBLIC_ENDPOINT", publicEndpoint);
    return all;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the S3 server did not end");
    }
  }
}
