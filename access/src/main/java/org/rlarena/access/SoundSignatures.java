package org.rlarena.access;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What each of the last {@value #MOST} tokens says and which key it was found to be signed with,
 * since a client sends the same token with each request: RSA is the dearest part of judging it,
 * reading it the next. The same bytes and the same key always come to the same, so nothing here
 * grows old; whether the key is still published, whether the claims are good now and for this
 * service, and revocation are other questions. Tokens are known by their SHA-256 and not kept.
 * Thread-safe.
 */
@ApplicationScoped
class SoundSignatures {

  static final int MOST = 4096;

  private final Map<ByteBuffer, Signed> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Signed> eldest) {
          return size() > MOST;
        }
      };

  /**
   * A token whose signature is good.
   *
   * @param keyId the name by which it asks for the key
   * @param key which made the signature
   * @param claims by name
   */
  record Signed(String keyId, Key key, Map<String, Object> claims) {

    Signed {
      claims = Collections.unmodifiableMap(new HashMap<>(claims)); // null may be one's value
    }
  }

  /** The token's claims and who signed it, if it was found sound before. */
  Optional<Signed> find(String token) {
    ByteBuffer name = nameOf(token);
    synchronized (known) {
      return Optional.ofNullable(known.get(name));
    }
  }

  /** Remembers a token whose signature was found good. */
  void keep(String token, Signed signed) {
    ByteBuffer name = nameOf(token);
    synchronized (known) {
      known.put(name, signed);
    }
  }

  private static ByteBuffer nameOf(String token) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
