package org.rlarena.webhook.hooks;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.rlarena.webhook.WebhookConfig;

/**
 * The secrets of hooks. None is stored: each is derived from the service's key, so that the
 * database alone, or a copy of it, signs nothing.
 */
@ApplicationScoped
public class Secrets {

  /** What secrets begin with, by the convention of Standard Webhooks. */
  static final String PREFIX = "whsec_";

  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] key;
  private final Duration overlap;
  private final Clock clock;

  Secrets(WebhookConfig config, Clock clock) {
    this.key = config.secretKey().getBytes(StandardCharsets.UTF_8);
    this.overlap = config.secretOverlap();
    this.clock = clock;
  }

  /** A hook's secret as its owner is shown it. */
  String shown(UUID hook, int generation) {
    return PREFIX + Base64.getEncoder().encodeToString(bytes(hook, generation));
  }

  /**
   * What is to stand in {@code webhook-signature}: a signature by the secret, and for a while after
   * a rotation one by the secret before it.
   *
   * @param id of the message
   * @param timestamp Unix time in seconds
   */
  public String signatures(Webhook hook, String id, long timestamp, String body) {
    byte[] signed = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
    List<String> signatures = new ArrayList<>();
    signatures.add(signature(hook.id(), hook.generation(), signed));
    if (hook.rotatedAt() != null && hook.rotatedAt().plus(overlap).isAfter(clock.instant())) {
      signatures.add(signature(hook.id(), hook.generation() - 1, signed));
    }
    return String.join(" ", signatures);
  }

  private String signature(UUID hook, int generation, byte[] signed) {
    return "v1," + Base64.getEncoder().encodeToString(hmac(bytes(hook, generation), signed));
  }

  private byte[] bytes(UUID hook, int generation) {
    String name = "webhook secret " + hook + " " + generation;
    return hmac(key, name.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
