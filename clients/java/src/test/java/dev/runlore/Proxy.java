package dev.runlore;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Stands between a client and a server, counts what passes, and cuts their connections. */
final class Proxy implements AutoCloseable {
  private final ServerSocket listening;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong bytes = new AtomicLong();
  private final String host;
  private final int port;

  Proxy(String address) throws IOException {
    this(address, "127.0.0.1");
  }

  /** Listens at another address of this machine. */
  Proxy(String address, String at) throws IOException {
    listening = new ServerSocket(0, 50, InetAddress.getByName(at));
    host = address.substring(0, address.lastIndexOf(':'));
    port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    start(this::accept);
  }

  String address() {
    return listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort();
  }

  /** How much has passed, in both directions together. */
  long bytes() {
    return bytes.get();
  }

  /** Cuts every connection, as a machine in between does that goes down. */
  void cut() {
    for (Socket socket : open) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException gone) {
        // As wanted.
      }
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      open.add(client);
      start(() -> connect(client));
    }
  }

  private void connect(Socket client) throws IOException {
    try {
      Socket server = new Socket(host, port);
      open.add(server);
      start(() -> copy(client, server));
      copy(server, client);
    } catch (IOException down) {
      client.close();
    }
  }

  private void copy(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] piece = new byte[64 * 1024];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        out.write(piece, 0, count);
        bytes.addAndGet(count);
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException cut) {
                // That is what this is for.
              }
            },
            "test-proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
