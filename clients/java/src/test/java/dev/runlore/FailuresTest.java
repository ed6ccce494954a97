package dev.runlore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runlore.v1.GetRunRequest;
import dev.runlore.v1.GetServerInfoRequest;
import dev.runlore.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong on the other side: a typed error within the deadline, and nothing left behind. */
@ExtendWith(Leaks.class)
class FailuresTest {
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final Duration SLACK = Duration.ofSeconds(30);
  private static final Path TLS = Path.of("../../tests/data/tls");

  private static RunloreServer server;

  @TempDir Path cache;

  @BeforeAll
  static void start(@TempDir Path first) throws IOException {
    server = RunloreServer.start();
    // So that no deadline is spent on loading classes.
    try (Runlore client = server.client(first).build()) {
      ask(client);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private Runlore client(String address) {
    return server.client(cache).address(address).timeout(DEADLINE).build();
  }

  private RunloreException refused(Runlore client) {
    return assertTimeoutPreemptively(
        DEADLINE.plus(SLACK),
        () ->
            assertThrows(RunloreException.class, () -> ask(client)));
  }

  private static void ask(Runlore client) {
    client.call(() -> client.server().getServerInfo(GetServerInfoRequest.getDefaultInstance()));
  }

  private static String nobody() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + free.getLocalPort();
    }
  }

  @Test
  void anAbsentServer() throws IOException {
    try (Runlore client = client(nobody())) {
      RunloreException error = refused(client);
      assertEquals(Status.Code.UNAVAILABLE, error.code());
      assertTrue(error.getMessage().contains("is a server running there?"), error.getMessage());
      assertEquals("", error.reason());
      RunloreException watching =
          assertThrows(RunloreException.class, () -> client.watch(WatchRequest.getDefaultInstance()).hasNext());
      assertEquals(Status.Code.UNAVAILABLE, watching.code());
    }
  }

  @Test
  void aServerThatNeverAnswers() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Runlore client = client("127.0.0.1:" + silent.getLocalPort())) {
      assertEquals(Status.Code.DEADLINE_EXCEEDED, refused(client).code());
      try (MetricWriter writer = client.metrics("0".repeat(32))) {
        RunloreException late = assertThrows(RunloreException.class, () -> {
          writer.log("loss", 0, 1);
          writer.flush(Duration.ofSeconds(1));
        });
        assertEquals(Status.Code.DEADLINE_EXCEEDED, late.code());
        assertEquals(Status.Code.DEADLINE_EXCEEDED, assertThrows(RunloreException.class, writer::close).code());
      }
    }
  }

  @Test
  void anOlderServer() throws Exception {
    io.grpc.Server older =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0)).build().start();
    try (Runlore client = server.client(cache).address("127.0.0.1:" + older.getPort()).build()) {
      RunloreException error = refused(client);
      assertEquals(Status.Code.UNIMPLEMENTED, error.code());
      assertTrue(error.getMessage().contains("as new as this client?"), error.getMessage());
      MetricWriter writer = client.metrics("0".repeat(32));
      writer.log("loss", 0, 1);
      assertEquals(Status.Code.UNIMPLEMENTED, assertThrows(RunloreException.class, writer::close).code());
    } finally {
      older.shutdownNow().awaitTermination();
    }
  }

  @Test
  void aRefusalSaysWhichFieldAndWhichRule() throws IOException {
    try (Runlore client = client(server.address())) {
      RunloreException error =
          assertThrows(
              RunloreException.class,
              () -> client.call(() -> client.tracking().getRun(GetRunRequest.newBuilder().setRunId("x").build())));
      assertEquals(Status.Code.INVALID_ARGUMENT, error.code());
      assertEquals("INVALID_FIELD", error.reason());
      assertEquals("run_id", error.violations().get(0).getField());
      assertFalse(error.metadata().get("trace_id").isEmpty());
      assertTrue(error.retryAfter().isEmpty());
    }
  }

  @Test
  void aCallThatIsCancelled() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Runlore client = server.client(cache).address("127.0.0.1:" + silent.getLocalPort()).build()) {
      Context.CancellableContext context = Context.current().withCancellation();
      Thread canceller = new Thread(() -> context.cancel(null));
      RunloreException error =
          assertTimeoutPreemptively(
              SLACK,
              () ->
                  context.call(
                      () -> {
                        canceller.start();
                        return assertThrows(
                            RunloreException.class,
                            () -> ask(client));
                      }));
      assertEquals(Status.Code.CANCELLED, error.code());
    }
  }

  @Test
  void aThreadThatIsInterrupted() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Runlore client = server.client(cache).address("127.0.0.1:" + silent.getLocalPort()).build()) {
      Status.Code[] found = new Status.Code[1];
      Thread caller =
          new Thread(
              () ->
                  found[0] =
                      assertThrows(RunloreException.class, () -> client.resolve("models:/m@champion")).code());
      caller.start();
      caller.interrupt();
      caller.join(SLACK.toMillis());
      assertEquals(Status.Code.CANCELLED, found[0]);
    }
  }

  @Test
  void aCertificateOfAnotherNameOrAnUnknownAuthority() throws Exception {
    try (RunloreServer secure =
            RunloreServer.start(
                "--tls-cert", TLS.resolve("localhost.crt").toAbsolutePath().toString(),
                "--tls-key", TLS.resolve("localhost.key").toAbsolutePath().toString());
        Proxy elsewhere = new Proxy(secure.address(), "127.0.0.2")) {
      String port = secure.address().substring(secure.address().lastIndexOf(':'));
      RunloreBuilder trusting = secure.client(cache).tls(true).ca(TLS.resolve("localhost.crt"));
      try (Runlore right = trusting.address("localhost" + port).build()) {
        ask(right);
      }
      try (Runlore wrong = trusting.timeout(DEADLINE).address(elsewhere.address()).build()) {
        RunloreException error = refused(wrong);
        assertEquals(Status.Code.UNAVAILABLE, error.code());
        assertTrue(error.getMessage().contains(elsewhere.address()), error.getMessage());
        assertTrue(error.getMessage().contains("its certificate does not match that name"), error.getMessage());
        assertTrue(error.getMessage().contains("127.0.0.2 found"), error.getMessage());
      }
      try (Runlore system = secure.client(cache).timeout(DEADLINE).tls(true).address("localhost" + port).build()) {
        RunloreException error = refused(system);
        assertEquals(Status.Code.UNAVAILABLE, error.code());
        assertTrue(error.getMessage().contains("TLS handshake failed"), error.getMessage());
        assertTrue(error.getMessage().contains("a private authority ca()"), error.getMessage());
      }
    }
  }

  @Test
  void aServerThatSendsGoaway() throws Exception {
    io.grpc.Server impatient =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(
                new dev.runlore.v1.ServerServiceGrpc.ServerServiceImplBase() {
                  @Override
                  public void getServerInfo(
                      GetServerInfoRequest request,
                      io.grpc.stub.StreamObserver<dev.runlore.v1.GetServerInfoResponse> answer) {
                    answer.onNext(dev.runlore.v1.GetServerInfoResponse.getDefaultInstance());
                    answer.onCompleted();
                  }
                })
            .maxConnectionAge(50, TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(50, TimeUnit.MILLISECONDS)
            .build()
            .start();
    try (Runlore client = server.client(cache).address("127.0.0.1:" + impatient.getPort()).build()) {
      long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
      while (System.nanoTime() < end) {
        ask(client);
      }
    } finally {
      impatient.shutdownNow().awaitTermination();
    }
  }

  @Test
  void anAddressThatIsNone() {
    for (String address : new String[] {"", "http://host:1", "a b", "host:0", "host:99999", "a:b:c", "a_b:1", "127.1:1"}) {
      RunloreException error = assertThrows(RunloreException.class, () -> Runlore.builder().address(address).build());
      assertEquals("address", error.violations().get(0).getField());
    }
  }

  @Test
  void aRawSocketThatHangsUp() throws Exception {
    try (ServerSocket rude = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread hangingUp =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Socket socket = rude.accept();
                    socket.close();
                  }
                } catch (IOException closed) {
                  // The test is over.
                }
              });
      hangingUp.start();
      try (Runlore client = client("127.0.0.1:" + rude.getLocalPort())) {
        assertEquals(Status.Code.UNAVAILABLE, refused(client).code());
      }
    }
  }
}
