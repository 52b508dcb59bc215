package org.rlarena.match.replays;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UploadUrlsTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final Clock AT_NOON = Clock.fixed(NOON, ZoneOffset.UTC);
  private static final String KEY = "0123456789abcdef0123456789abcdef";

  private final UUID match = UUID.randomUUID();
  private final UUID attempt = UUID.randomUUID();
  private final UploadUrls urls = new UploadUrls(URI.create("http://host:8086/"), KEY, AT_NOON);
  private final URI url = URI.create(urls.replay(match, attempt, NOON.plusSeconds(60)));

  @Test
  void shouldAcceptItsOwnUrlUntilItExpires() {
    assertThat(url.toString()).startsWith("http://host:8086/uploads/replays/" + match + "/");
    assertThat(valid(urls, key(), parameter("expires"), parameter("signature"))).isTrue();

    Clock later = Clock.offset(AT_NOON, Duration.ofSeconds(60));
    UploadUrls expired = new UploadUrls(URI.create("http://host:8086"), KEY, later);
    assertThat(valid(expired, key(), parameter("expires"), parameter("signature"))).isFalse();
  }

  @Test
  void shouldRefuseUrlOfAnotherObjectTimeOrKey() {
    String signature = parameter("signature");
    String expires = parameter("expires");
    assertThat(valid(urls, key().replace(".json", ".html"), expires, signature)).isFalse();
    assertThat(valid(urls, "replays/" + UUID.randomUUID() + "/x.json", expires, signature))
        .isFalse();
    assertThat(valid(urls, key(), Long.toString(Long.parseLong(expires) + 1), signature)).isFalse();
    UploadUrls other = new UploadUrls(URI.create("http://host:8086"), KEY + "x", AT_NOON);
    assertThat(valid(other, key(), expires, signature)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, null",
        "'', ''",
        "99999999999, ''",
        "99999999999999999999, 00",
        "-1, 00",
        "1e9, 00",
        "٣, 00"
      })
  void shouldRefuseNonsense(String expires, String signature) {
    assertThat(valid(urls, key(), expires, signature)).isFalse();
  }

  private static boolean valid(UploadUrls urls, String key, String expires, String signature) {
    return urls.isValid(key, expires, signature);
  }

  private String key() {
    return url.getPath().substring("/uploads/".length());
  }

  private String parameter(String name) {
    return url.getQuery().replaceAll(".*\\b" + name + "=([^&]+).*", "$1");
  }
}
