package org.rlarena.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger working = new AtomicInteger();

  @AfterEach
  void end() {
    over.countDown();
    threads.close();
  }

  @Test
  void shouldTurnAwayWhoComesWhenAllPlacesAreTaken() throws Exception {
    // Given room for one at work and two who wait
    Turns turns = new Turns(1, 2, LONG);

    // When
    List<Future<String>> all =
        IntStream.range(0, 10).mapToObj(i -> threads.submit(() -> turns.take(this::work))).toList();

    // Then
    await().until(() -> all.stream().filter(Future::isDone).count() == 7);
    assertThat(all)
        .filteredOn(Future::isDone)
        .allSatisfy(one -> assertThat(one.exceptionNow()).isInstanceOf(HttpProblem.class));
    assertThat(working).hasValue(1);
    over.countDown();
    await().until(() -> all.stream().allMatch(Future::isDone));
    assertThat(all).filteredOn(one -> one.state() == Future.State.SUCCESS).hasSize(3);
    assertThat(turns.take(() -> "later")).isEqualTo("later");
  }

  @Test
  void shouldTurnAwayBeforeAnyWorkWhileAllPlacesAreTaken() {
    // Given
    Turns turns = new Turns(1, 1, LONG);
    turns.requirePlace();
    threads.submit(() -> turns.take(this::work));
    await().until(() -> working.get() == 1);
    turns.requirePlace();

    // When
    Future<String> second = threads.submit(() -> turns.take(this::work));

    // Then
    await()
        .untilAsserted(
            () -> assertThatThrownBy(turns::requirePlace).isInstanceOf(HttpProblem.class));
    over.countDown();
    await().until(second::isDone);
    turns.requirePlace();
  }

  @Test
  void shouldTurnAwayWhoWaitedTooLong() {
    Turns turns = new Turns(1, 2, Duration.ofMillis(1));
    threads.submit(() -> turns.take(this::work));
    await().until(() -> working.get() == 1);

    assertThatThrownBy(() -> turns.take(() -> "second")).isInstanceOf(HttpProblem.class);
  }

  @Test
  void shouldGiveTheTurnBackWhenTheWorkFails() {
    Turns turns = new Turns(1, 0, LONG);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(
              () ->
                  turns.take(
                      () -> {
                        throw new IllegalStateException("work failed");
                      }))
          .hasMessage("work failed");
    }
  }

  private String work() {
    working.incrementAndGet();
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    working.decrementAndGet();
    return "done";
  }
}
