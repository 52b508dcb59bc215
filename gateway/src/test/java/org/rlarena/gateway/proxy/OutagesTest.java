package org.rlarena.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlarena.gateway.Service.AGENT;
import static org.rlarena.gateway.Service.MATCH;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutagesTest {

  private static final int FAILURES = 3;
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final AtomicLong now = new AtomicLong();
  private final Outages outages = new Outages(FAILURES, PAUSE, now::get);

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      outages.failed(AGENT, new IOException("refused"));
    }
  }

  @Test
  void shouldSpareAServiceThatFailsAgainAndAgain() {
    fail(FAILURES - 1);
    assertThat(outages.mayTry(AGENT)).isTrue();

    fail(1);

    assertThat(outages.mayTry(AGENT)).isFalse();
    assertThat(outages.mayTry(MATCH)).isTrue();
  }

  @Test
  void shouldNotCountFailuresBetweenAnswers() {
    for (int i = 0; i < 10; i++) {
      fail(FAILURES - 1);
      outages.answered(AGENT);
    }

    assertThat(outages.mayTry(AGENT)).isTrue();
  }

  @Test
  void shouldLetOneRequestFindOut() {
    fail(FAILURES);
    now.addAndGet(PAUSE.toNanos());

    assertThat(outages.mayTry(AGENT)).isTrue();
    assertThat(outages.mayTry(AGENT)).isFalse();

    fail(1);
    assertThat(outages.mayTry(AGENT)).isFalse();
    now.addAndGet(PAUSE.toNanos());
    assertThat(outages.mayTry(AGENT)).isTrue();
    outages.answered(AGENT);
    assertThat(outages.mayTry(AGENT)).isTrue();
    assertThat(outages.mayTry(AGENT)).isTrue();
  }

  @Test
  void shouldTryAgainWhenNobodyToldWhatCameOfIt() {
    fail(FAILURES);
    now.addAndGet(PAUSE.toNanos());
    assertThat(outages.mayTry(AGENT)).isTrue();

    now.addAndGet(PAUSE.toNanos());

    assertThat(outages.mayTry(AGENT)).isTrue();
  }
}
