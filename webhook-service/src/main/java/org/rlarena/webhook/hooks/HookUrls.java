package org.rlarena.webhook.hooks;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.rlarena.webhook.WebhookConfig;
import org.rlarena.webhook.WebhookError;

/**
 * Where a hook may point to. What a name stands for is not asked here: it may stand for something
 * else when the time comes, and is judged then.
 */
@ApplicationScoped
public class HookUrls {

  static final int LONGEST = 2000;

  private final Set<String> trusted;

  HookUrls(WebhookConfig config) {
    this.trusted =
        config.trustedHosts().orElse(List.of()).stream()
            .map(HookUrls::bare)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether an operator allows http and any address for this host of a URL. */
  public boolean isTrusted(String host) {
    return trusted.contains(bare(host));
  }

  /** The URL, if it is one that a hook may have; refuses with {@code invalid_url}. */
  URI parse(String text) {
    if (text == null || text.isBlank()) {
      throw refused("Send a url, such as https://example.org/hooks/arena.");
    }
    if (text.length() > LONGEST) {
      throw refused("The url may have at most " + LONGEST + " characters.");
    }
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw refused("The url is none; it should look like https://example.org/hooks/arena.");
    }
    if (url.getScheme() == null || url.isOpaque() || url.getHost() == null) {
      throw refused("The url must be absolute and name a host, as https://example.org/hooks does.");
    }
    if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
      throw refused("The url must hold no user, password or fragment.");
    }
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw refused("The url must be written in ASCII; encode other characters.");
    }
    if (url.getHost().contains("%")) {
      throw refused("The url must name a host without a zone.");
    }
    if (url.getPort() == 0 || url.getPort() > 65_535) {
      throw refused("The port of the url must be 1 to 65535.");
    }
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    boolean trustedHost = isTrusted(url.getHost());
    if (!scheme.equals("https") && !(scheme.equals("http") && trustedHost)) {
      throw refused("The url must begin with https://.");
    }
    if (!trustedHost
        && literal(url.getHost()).filter(a -> !PublicAddress.isPublic(a)).isPresent()) {
      throw refused("The url must name a host on the public internet.");
    }
    return url;
  }

  /** The host without brackets, in lower case. */
  public static String bare(String host) {
    String plain = host.strip().toLowerCase(Locale.ROOT);
    return plain.startsWith("[") && plain.endsWith("]")
        ? plain.substring(1, plain.length() - 1)
        : plain;
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(bare(host)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static HttpProblem refused(String sentence) {
    return WebhookError.INVALID_URL.because(sentence);
  }
}
