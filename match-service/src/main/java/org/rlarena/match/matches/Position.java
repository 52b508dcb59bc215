package org.rlarena.match.matches;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;
import org.rlarena.match.MatchError;

/**
 * A place in a list that is ordered by a time and then by id, both descending: what comes after it
 * stays the same however much is added before it.
 *
 * @param at time of the match that was shown last, in microseconds
 * @param id its id
 */
record Position(Instant at, UUID id) {

  /** What every cursor looks like. */
  static final String PATTERN = "[A-Za-z0-9_-]{32}";

  private static final int BYTES = 3 * Long.BYTES;
  // 0001-01-01 and 9999-12-31: cursors are made of bytes, and some bytes name years nothing can
  // hold.
  private static final long EARLIEST = -62_135_596_800_000_000L;
  private static final long LATEST = 253_402_300_799_999_999L;

  /** As clients hand it back; they are not to look into it. */
  String cursor() {
    byte[] bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, at))
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  /**
   * Reads a cursor.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_parameter}
   */
  static Position of(String cursor) {
    if (!cursor.matches(PATTERN)) {
      throw MatchError.INVALID_PARAMETER.because(
          "Give 'cursor' as the 'nextCursor' of the page before, or leave it out.");
    }
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
    long micros = Math.clamp(bytes.getLong(), EARLIEST, LATEST);
    return new Position(
        Instant.EPOCH.plus(micros, ChronoUnit.MICROS), new UUID(bytes.getLong(), bytes.getLong()));
  }
}
