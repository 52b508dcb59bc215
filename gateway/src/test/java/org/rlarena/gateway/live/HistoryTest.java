package org.rlarena.gateway.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final Duration KEEP = Duration.ofMinutes(10);

  private final SettableClock clock = new SettableClock();
  private final History history = new History("aaaa", clock, KEEP, 5, 1000);

  private static Message message(String id, int size) {
    return new Message(id, "test", "x".repeat(size), Set.of());
  }

  private void add(History to, String... positions) {
    for (String position : positions) {
      to.add(position, message(to.idOf(position), 10));
    }
  }

  private static Optional<List<String>> after(History history, String id) {
    return history.after(id).map(entries -> entries.stream().map(History.Entry::position).toList());
  }

  @Test
  void shouldKnowWhatCameAfterAMessage() {
    add(history, "mf0-1", "mf1-1", "rc0-7-c");

    assertThat(after(history, "aaaa.mf0-1")).contains(List.of("mf1-1", "rc0-7-c"));
    assertThat(after(history, "aaaa.rc0-7-c")).contains(List.of());
    assertThat(history.lastId()).contains("aaaa.rc0-7-c");
  }

  @Test
  void shouldNotKnowIdsOfNothing() {
    add(history, "mf0-1");

    for (String id : List.of("", ".", "aaaa", "aaaa.", "aaaa.mf0-2", "mf0-1")) {
      assertThat(after(history, id)).as(id).isEmpty();
    }
  }

  @Test
  void shouldRepeatALittleForClientsOfAnotherReplica() {
    // Given: another replica has sent mf1-1 after rc0-7, this one before it
    add(history, "mc0-1");
    clock.advance(Duration.ofSeconds(History.OVERLAP_SECONDS + 1));
    add(history, "mf1-1", "rc0-7", "mf2-1");

    assertThat(after(history, "bbbb.rc0-7")).contains(List.of("mf1-1", "mf2-1"));
    assertThat(after(history, "aaaa.rc0-7")).contains(List.of("mf2-1"));
  }

  @Test
  void shouldForgetOldMessages() {
    add(history, "mf0-1");
    clock.advance(KEEP.dividedBy(2));
    add(history, "mf0-2");
    clock.advance(KEEP.dividedBy(2).plusMillis(1));

    assertThat(after(history, "aaaa.mf0-1")).isEmpty();
    assertThat(after(history, "aaaa.mf0-2")).contains(List.of());
    assertThat(history.knows("mf0-1")).isFalse();
  }

  @Test
  void shouldBoundNumberOfMessages() {
    add(history, "a", "b", "c", "d", "e", "f");

    assertThat(after(history, "aaaa.a")).isEmpty();
    assertThat(after(history, "aaaa.b")).contains(List.of("c", "d", "e", "f"));
  }

  @Test
  void shouldBoundBytes() {
    history.add("a", message("aaaa.a", 600));
    history.add("b", message("aaaa.b", 300));
    history.add("c", message("aaaa.c", 200));

    assertThat(after(history, "aaaa.a")).isEmpty();
    assertThat(after(history, "aaaa.b")).contains(List.of("c"));
  }

  private static final class SettableClock extends Clock {
    private Instant now = Instant.parse("2026-11-26T10:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
