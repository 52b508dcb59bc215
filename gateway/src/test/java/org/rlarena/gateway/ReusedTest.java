package org.rlarena.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReusedTest {

  private final List<Promise<String>> asked = new ArrayList<>();

  private Future<String> ask() {
    asked.add(Promise.promise());
    return asked.getLast().future();
  }

  @Test
  void shouldAskOnceForAllWhoWait() {
    Reused<String> reused = new Reused<>(Duration.ofHours(1), this::ask);
    Future<String> first = reused.get();
    Future<String> second = reused.get();

    asked.getFirst().complete("answer");

    assertThat(asked).hasSize(1);
    assertThat(first.result()).isEqualTo("answer");
    assertThat(second.result()).isEqualTo("answer");
    assertThat(reused.get().result()).isEqualTo("answer");
    assertThat(asked).hasSize(1);
  }

  @Test
  void shouldAskAgainWhenTheAnswerIsOld() {
    Reused<String> reused = new Reused<>(Duration.ZERO, this::ask);
    reused.get();
    asked.getFirst().complete("old");

    reused.get();

    assertThat(asked).hasSize(2);
  }

  @Test
  void shouldAskAgainAfterAFailure() {
    Reused<String> reused = new Reused<>(Duration.ofHours(1), this::ask);
    reused.get();
    asked.getFirst().fail("down");

    reused.get();

    assertThat(asked).hasSize(2);
  }
}
