package dev.runlore;

import io.grpc.CallCredentials;
import java.nio.file.Path;
import java.time.Duration;

/** How to connect; what it is not told comes from the environment. */
public final class RunloreBuilder {
  String address;
  Boolean tls;
  Path ca;
  String workspace;
  String actor;
  Duration timeout = Duration.ofSeconds(30);
  Path cache;
  CallCredentials credentials;

  RunloreBuilder() {}

  /**
   * Sets where the server is.
   *
   * @param hostAndPort such as {@code runlore.internal:7410}
   * @return this
   */
  public RunloreBuilder address(String hostAndPort) {
    this.address = hostAndPort;
    return this;
  }

  /**
   * Sets whether to use TLS: not to a loopback address and else yes, unless this or {@code RUNLORE_TLS} says otherwise.
   *
   * @param use whether to
   * @return this
   */
  public RunloreBuilder tls(boolean use) {
    this.tls = use;
    return this;
  }

  /**
   * Sets which authority to trust in place of the system's.
   *
   * @param pem a file of PEM certificates
   * @return this
   */
  public RunloreBuilder ca(Path pem) {
    this.ca = pem;
    return this;
  }

  /**
   * Sets the workspace of requests that name none.
   *
   * @param name empty: the server's default
   * @return this
   */
  public RunloreBuilder workspace(String name) {
    this.workspace = name;
    return this;
  }

  /**
   * Sets who is calling, as it is recorded with every change.
   *
   * @param kindAndId such as {@code service:ranker}; empty: nobody says. Otherwise the user of this process
   * @return this
   */
  public RunloreBuilder actor(String kindAndId) {
    this.actor = kindAndId;
    return this;
  }

  /**
   * Sets how long a call may take, its retries included, when the call does not say so itself. Watches and LogStream
   * have no such end.
   *
   * @param most 30 seconds unless set
   * @return this
   */
  public RunloreBuilder timeout(Duration most) {
    this.timeout = most;
    return this;
  }

  /**
   * Sets where to keep the last good answers of this registry, whatever its address; no other registry's belong there.
   *
   * @param folder need not exist; unless set, those of each address apart in {@code RUNLORE_CACHE}, else {@code
   *     ~/.cache/runlore}
   * @return this
   */
  public RunloreBuilder cache(Path folder) {
    this.cache = folder;
    return this;
  }

  /**
   * Sets what proves to the server, or to what stands before it, who is calling.
   *
   * @param perCall adds metadata to every call
   * @return this
   */
  public RunloreBuilder credentials(CallCredentials perCall) {
    this.credentials = perCall;
    return this;
  }

  /**
   * Makes the client; the connection itself is made by the first call.
   *
   * @return a client, to be closed
   * @throws RunloreException naming what cannot be understood
   */
  public Runlore build() {
    return new Runlore(Settings.of(this));
  }
}
