package org.rlarena.outbox;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** UUIDs of version 7 (RFC 9562, section 5.7): they grow with time, which keeps indexes compact. */
final class TimeOrderedId {

  private static final SecureRandom RANDOM = new SecureRandom();

  private TimeOrderedId() {}

  static UUID at(Instant time) {
    long version = 0x7000L | (RANDOM.nextInt() & 0x0fffL);
    long variant = 0x8000_0000_0000_0000L | (RANDOM.nextLong() >>> 2);
    return new UUID(time.toEpochMilli() << 16 | version, variant);
  }
}
