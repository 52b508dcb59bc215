package org.rlarena.match.replays;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.rlarena.match.MatchConfig;

/**
 * URLs that allow to put one object each, until they expire: key and expiry are signed with
 * HMAC-SHA256 (RFC 2104). Whoever holds one needs no other credential, so they are never logged.
 */
@ApplicationScoped
public class UploadUrls {

  private static final String ALGORITHM = "HmacSHA256";

  private final String base;
  private final SecretKeySpec key;
  private final Clock clock;

  @Inject
  UploadUrls(MatchConfig config, Clock clock) {
    this(config.uploadBaseUrl(), config.uploadKey(), clock);
  }

  UploadUrls(URI base, String key, Clock clock) {
    this.base = base.toString().replaceAll("/+$", "") + "/uploads/";
    this.key = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    this.clock = clock;
  }

  /** Where an attempt puts its JSON replay. */
  public String replay(UUID matchId, UUID attemptId, Instant expires) {
    return url(ObjectKind.REPLAY.key(matchId, attemptId), expires);
  }

  /** Where an attempt puts its HTML replay. */
  public String replayHtml(UUID matchId, UUID attemptId, Instant expires) {
    return url(ObjectKind.REPLAY_HTML.key(matchId, attemptId), expires);
  }

  /** Where an attempt puts what its agents printed. */
  public String log(UUID matchId, UUID attemptId, Instant expires) {
    return url(ObjectKind.LOG.key(matchId, attemptId), expires);
  }

  /**
   * Whether this service made the URL and it has not expired.
   *
   * @param expires seconds since the epoch, as in the URL; may be anything
   * @param signature as in the URL; may be anything or null
   */
  boolean isValid(String objectKey, String expires, String signature) {
    if (expires == null || signature == null || !expires.matches("\\d{1,11}")) {
      return false;
    }
    boolean signed =
        MessageDigest.isEqual(
            sign(objectKey, expires).getBytes(StandardCharsets.US_ASCII),
            signature.getBytes(StandardCharsets.UTF_8));
    return signed && clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(expires)));
  }

  private String url(String objectKey, Instant expires) {
    String until = Long.toString(expires.getEpochSecond());
    return base + objectKey + "?expires=" + until + "&signature=" + sign(objectKey, until);
  }

  private String sign(String objectKey, String expires) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] signed = (objectKey + "\n" + expires).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(mac.doFinal(signed));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
    }
  }
}
