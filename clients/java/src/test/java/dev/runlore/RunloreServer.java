package dev.runlore;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real {@code runlore-server}, as a process of the test's own; it can be stopped and started again at its address. */
public final class RunloreServer implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("runlore-server ready on (\\S+:\\d+) .*");
  /** For whatever is to end by itself: long enough for a machine with much else to do. */
  private static final long MOST_SECONDS = 240;

  private final Path folder;
  private final Map<String, String> environment;
  private final List<String> flags;
  private Process process;
  private String address = "127.0.0.1:0";

  private RunloreServer(Map<String, String> environment, String... flags) throws IOException {
    this.environment = environment;
    this.flags = List.of(flags);
    this.folder = Files.createTempDirectory("runlore-java-");
    // Postgres does not run as root, and has to enter it as another user.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Starts a server on a free port. */
  public static RunloreServer start(String... flags) throws IOException {
    return start(Map.of(), flags);
  }

  /** Starts a server that has variables of its own. */
  static RunloreServer start(Map<String, String> environment, String... flags) throws IOException {
    RunloreServer server = new RunloreServer(environment, flags);
    server.startAgain();
    return server;
  }

  /** Starts a server with what a backup holds. */
  static RunloreServer restored(Path backup) throws IOException {
    RunloreServer server = new RunloreServer(Map.of());
    server.run("restore", backup.toString());
    server.startAgain();
    return server;
  }

  public String address() {
    return address;
  }

  Path data() {
    return folder.resolve("data");
  }

  /** A client that reads nothing from this machine's environment or cache. */
  public RunloreBuilder client(Path cache) {
    return Runlore.builder().address(address).workspace("").actor("service:test").tls(false).cache(cache);
  }

  /** Starts it where it was. */
  public void startAgain() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--listen", address));
    arguments.addAll(flags);
    process = process(arguments).start();
    Process started = process;
    CompletableFuture<String> ready = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(started, ready), "test-server-output");
    reader.setDaemon(true);
    reader.start();
    try {
      address = ready.get(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      process.destroyForcibly();
      throw new IOException("the server did not start: " + Files.readString(log()), failed);
    } catch (InterruptedException interrupt) {
      process.destroyForcibly();
      throw new IOException(interrupt);
    }
  }

  /** Ends it as its operator does, or with {@code kill -9}. */
  public void stop(boolean kill) throws InterruptedException {
    if (kill) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Writes what it holds into a file. */
  void backup(Path file) throws IOException {
    run("backup", file.toString());
  }

  @Override
  public void close() throws InterruptedException, IOException {
    stop(false);
    Trees.delete(folder);
  }

  /** The top of the checkout. */
  static Path top() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isExecutable(at.resolve(".venv/bin/runlore-server"))) {
        return at;
      }
    }
    throw new IllegalStateException("no .venv/bin/runlore-server above this folder: run `make install` at the top");
  }

  /** A process that gets nothing that a person's shell may hold. */
  static ProcessBuilder isolated(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLORE_") || name.startsWith("AWS_"));
    builder.environment().put("PYTHONUNBUFFERED", "1");
    return builder;
  }

  private ProcessBuilder process(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(top().resolve(".venv/bin/runlore-server").toString()));
    command.addAll(arguments);
    command.addAll(List.of("--data", data().toString()));
    ProcessBuilder builder = isolated(command).redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
    builder.environment().putAll(environment);
    return builder;
  }

  private void run(String... arguments) throws IOException {
    Process running =
        process(List.of(arguments)).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile())).start();
    try {
      if (!running.waitFor(MOST_SECONDS, TimeUnit.SECONDS) || running.exitValue() != 0) {
        throw new IOException(String.join(" ", arguments) + " failed: " + Files.readString(log()));
      }
    } catch (InterruptedException interrupt) {
      throw new IOException(interrupt);
    } finally {
      running.destroyForcibly();
    }
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  private static void read(Process process, CompletableFuture<String> ready) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = READY.matcher(line);
        if (matcher.matches()) {
          ready.complete(matcher.group(1));
        }
      }
    } catch (IOException ended) {
      // As it does when the process is killed.
    }
    ready.completeExceptionally(new IOException("it ended before it was ready"));
  }
}
