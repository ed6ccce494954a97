package dev.runlore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a thread or a socket behind. gRPC and java.net.http keep theirs for some seconds. */
final class Leaks implements BeforeEachCallback, AfterEachCallback {
  private static final Duration MOST = Duration.ofSeconds(60);

  static {
    // Opening the first channels, Java makes sockets that it keeps.
    try (ServerSocketChannel first = ServerSocketChannel.open();
        FileChannel file = FileChannel.open(Path.of("pom.xml"))) {
      first.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private long sockets;

  @Override
  public void beforeEach(ExtensionContext context) throws InterruptedException {
    World.eventually(() -> "threads of an earlier test end: " + threads(), MOST, () -> threads().isEmpty());
    sockets = sockets();
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    World.eventually(
        () -> "all ends: threads " + threads() + ", " + sockets() + " sockets, of which there were " + sockets,
        MOST,
        () -> {
          // Before Java 21 it is what ends the thread of a java.net.http client.
          System.gc();
          return threads().isEmpty() && sockets() <= sockets;
        });
  }

  /** The threads of this client and of what it is built on. */
  private static Set<String> threads() {
    Set<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().matches("(grpc|runlore|HttpClient).*")) {
        names.add(thread.getName() + "#" + thread.getId());
      }
    }
    return names;
  }

  /** How many sockets this process has; 0 where there is no /proc. */
  private static long sockets() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(Leaks::isSocket).count();
    } catch (IOException noProc) {
      return 0;
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException closed) {
      return false;
    }
  }
}
