package dev.runlore;

import io.grpc.CallCredentials;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a client connects and as whom: what the builder says, over {@code RUNLORE_*} variables, over defaults.
 *
 * @param place names the registry and the workspace among others in the cache
 */
record Settings(
    String address,
    boolean tls,
    Path ca,
    String workspace,
    String actor,
    Duration timeout,
    Path cache,
    String place,
    CallCredentials credentials) {

  static final String DEFAULT_ADDRESS = "127.0.0.1:7410";

  private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^\\s/:\\[\\]]+)(?::(\\d{1,5}))?");
  private static final Set<String> ON = Set.of("1", "true", "yes", "on");
  private static final Set<String> OFF = Set.of("0", "false", "no", "off");

  static Settings of(RunloreBuilder given) {
    String field = given.address != null ? "address" : "RUNLORE_ADDRESS";
    String text = given.address != null ? given.address : or(variable("RUNLORE_ADDRESS"), DEFAULT_ADDRESS);
    Matcher matcher = ADDRESS.matcher(text);
    int port = matcher.matches() && isHost(matcher.group(1)) ? Integer.parseInt(or(matcher.group(2), "7410")) : 0;
    if (port < 1 || port > 65535) {
      throw RunloreException.invalid(field, "is '" + text + "': give host:port, such as " + DEFAULT_ADDRESS);
    }
    if (given.timeout.isNegative() || given.timeout.isZero()) {
      throw RunloreException.invalid("timeout", "is " + given.timeout + ": give more than 0");
    }
    String ca = variable("RUNLORE_CA");
    String address = matcher.group(1) + ":" + port;
    String workspace = header("workspace", given.workspace, "RUNLORE_WORKSPACE", "");
    return new Settings(
        address,
        given.tls != null ? given.tls : tlsSwitch(!isLoopback(matcher.group(1))),
        given.ca != null ? given.ca : ca.isEmpty() ? null : Path.of(ca),
        workspace,
        header("actor", given.actor, "RUNLORE_ACTOR", login()),
        given.timeout,
        (given.cache != null ? given.cache : cacheFolder()).toAbsolutePath(),
        // A folder that was given is one registry's, whatever its address; the common one has those of several.
        (given.cache != null ? "" : address) + "\0" + workspace,
        given.credentials);
  }

  private static boolean tlsSwitch(boolean otherwise) {
    String text = variable("RUNLORE_TLS").toLowerCase(Locale.ROOT);
    if (!text.isEmpty() && !ON.contains(text) && !OFF.contains(text)) {
      throw RunloreException.invalid("RUNLORE_TLS", "is '" + text + "': give 1 or 0");
    }
    return text.isEmpty() ? otherwise : ON.contains(text);
  }

  /** Whether gRPC takes a host, of which it wants that java.net.URI takes it: a name with an underscore is none. */
  private static boolean isHost(String host) {
    try {
      return new URI("//" + host).getHost() != null;
    } catch (URISyntaxException other) {
      return false;
    }
  }

  /** By its spelling alone: a name that only a resolver knows to be this machine could be another one tomorrow. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.matches("127(\\.\\d{1,3}){3}") || host.equals("[::1]");
  }

  /** A value that travels as call metadata, which holds printable ASCII only. */
  private static String header(String name, String given, String variable, String otherwise) {
    String value = given != null ? given : or(variable(variable), otherwise);
    if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw RunloreException.invalid(given != null ? name : variable, "has characters other than printable ASCII");
    }
    return value;
  }

  private static String login() {
    String name = System.getProperty("user.name", "");
    boolean fits = !name.isEmpty() && StandardCharsets.US_ASCII.newEncoder().canEncode(name);
    return "user:" + (fits ? name : "unknown");
  }

  private static Path cacheFolder() {
    String given = variable("RUNLORE_CACHE");
    if (!given.isEmpty()) {
      return Path.of(given);
    }
    String base = variable("XDG_CACHE_HOME");
    return (base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base)).resolve("runlore");
  }

  private static String variable(String name) {
    return or(System.getenv(name), "").strip();
  }

  private static String or(String text, String otherwise) {
    return text == null || text.isEmpty() ? otherwise : text;
  }
}
