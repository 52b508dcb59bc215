package org.rlarena.gateway;

import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where requests come from. {@code X-Forwarded-For} is believed as far as trusted proxies wrote it:
 * read from its end, the first address that is no trusted proxy is the client; what stands before
 * is the client's own claim.
 */
@ApplicationScoped
public class ClientAddresses {

  /** A user at home has a whole /64 of addresses. */
  private static final int IPV6_KEY_BYTES = 8;

  private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private final List<Network> trusted;

  ClientAddresses(GatewayConfig config) {
    this.trusted = config.trustedProxies().orElse(Set.of()).stream().map(Network::parse).toList();
  }

  /** The client's address. */
  public String of(HttpServerRequest request) {
    return address(request).getHostAddress();
  }

  /** What stands for the client when requests are counted. */
  public String keyOf(HttpServerRequest request) {
    InetAddress address = address(request);
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    try {
      byte[] network = Arrays.copyOf(Arrays.copyOf(bytes, IPV6_KEY_BYTES), bytes.length);
      return InetAddress.getByAddress(network).getHostAddress() + "/64";
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // 16 bytes are an address
    }
  }

  /** The scheme the client used: a trusted proxy's word, or what is seen here. */
  public String schemeOf(HttpServerRequest request) {
    String seen = request.isSSL() ? "https" : "http";
    String told = request.getHeader("X-Forwarded-Proto");
    return told != null && (told.equals("http") || told.equals("https")) && isTrusted(peer(request))
        ? told
        : seen;
  }

  private InetAddress address(HttpServerRequest request) {
    InetAddress address = peer(request);
    if (!isTrusted(address)) {
      return address;
    }
    String[] claims = String.join(",", request.headers().getAll("X-Forwarded-For")).split(",");
    for (int i = claims.length - 1; i >= 0 && isTrusted(address); i--) {
      Optional<InetAddress> next = literal(claims[i].strip());
      if (next.isEmpty()) {
        return address;
      }
      address = next.get();
    }
    return address;
  }

  private boolean isTrusted(InetAddress address) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }

  private static InetAddress peer(HttpServerRequest request) {
    return literal(request.remoteAddress().hostAddress())
        .orElseGet(InetAddress::getLoopbackAddress);
  }

  private static Optional<InetAddress> literal(String text) {
    int zone = text.indexOf('%');
    String address = zone < 0 ? text : text.substring(0, zone);
    // 10.1 and the like are addresses to the JDK, but nobody's meaning here
    if (address.indexOf(':') < 0 && !DOTTED.matcher(address).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Addresses that share their first bits, in CIDR notation. */
  record Network(byte[] address, int bits) {

    static Network parse(String text) {
      int slash = text.indexOf('/');
      Optional<byte[]> address =
          literal(slash < 0 ? text : text.substring(0, slash)).map(InetAddress::getAddress);
      int most = address.map(bytes -> 8 * bytes.length).orElse(0);
      int bits = slash < 0 ? most : bits(text.substring(slash + 1));
      if (address.isEmpty() || bits < 0 || bits > most) {
        throw new IllegalArgumentException(
            "arena.gateway.trusted-proxies must hold networks such as 10.0.0.0/8 but has " + text);
      }
      return new Network(address.get(), bits);
    }

    private static int bits(String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        return -1;
      }
    }

    boolean contains(InetAddress other) {
      byte[] bytes = other.getAddress();
      if (bytes.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((bytes[bit / 8] & mask) != (address[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
