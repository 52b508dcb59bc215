package org.rlarena.access;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which key each of the last {@value #MOST} tokens was found to be signed with, since a client
 * sends the same token with each request and RSA is the dearest part of judging it. The same bytes
 * and the same key always come to the same, so nothing here grows old; whether the key is still
 * published, what the token claims, its expiry and its revocation are other questions. Tokens are
 * known by their SHA-256 and not kept. Thread-safe.
 */
@ApplicationScoped
class SoundSignatures {

  static final int MOST = 4096;

  private final Map<ByteBuffer, SignedBy> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, SignedBy> eldest) {
          return size() > MOST;
        }
      };

  /**
   * A key and the name by which the token asks for it.
   *
   * @param key which made the signature
   */
  record SignedBy(String keyId, Key key) {}

  /** Who signed the token, if it was found sound before. */
  Optional<SignedBy> find(String token) {
    ByteBuffer name = nameOf(token);
    synchronized (known) {
      return Optional.ofNullable(known.get(name));
    }
  }

  /** Remembers a token whose signature was found good. */
  void keep(String token, SignedBy signedBy) {
    ByteBuffer name = nameOf(token);
    synchronized (known) {
      known.put(name, signedBy);
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
