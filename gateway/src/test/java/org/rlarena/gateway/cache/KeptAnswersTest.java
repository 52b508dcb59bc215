package org.rlarena.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.rlarena.gateway.cache.KeptAnswers.Answer;

class KeptAnswersTest {

  private static final long LIFETIME = 1000;

  private final AtomicLong now = new AtomicLong();
  private final KeptAnswers kept = new KeptAnswers(LIFETIME, 3, 1000, now::get);
  private final List<Promise<Answer>> asked = new ArrayList<>();

  private Future<Answer> get(String key) {
    return kept.get(
        key,
        () -> {
          asked.add(Promise.promise());
          return asked.getLast().future();
        });
  }

  private static Answer answer(String text) {
    return Answer.of(Buffer.buffer(text), "application/json");
  }

  @Test
  void shouldAskOnceForAllWhoCome() {
    Future<Answer> first = get("a");
    Future<Answer> second = get("a");
    asked.getFirst().complete(answer("1"));
    now.set(LIFETIME - 1);

    assertThat(get("a").result().body()).hasToString("1");
    assertThat(asked).hasSize(1);
    assertThat(first.result()).isSameAs(second.result());
  }

  @Test
  void shouldAskAgainWhenTheAnswerIsOld() {
    get("a");
    asked.getFirst().complete(answer("1"));
    now.set(LIFETIME);

    get("a");
    asked.get(1).complete(answer("2"));

    assertThat(get("a").result().body()).hasToString("2");
  }

  @Test
  void shouldNotKeepFailures() {
    get("a");
    asked.getFirst().fail("down");

    get("a");

    assertThat(asked).hasSize(2);
  }

  @Test
  void shouldNotKeepWhatWasAskedBeforeAChange() {
    Future<Answer> before = get("a");
    kept.drop(key -> key.equals("a"));
    Future<Answer> after = get("a");
    asked.get(1).complete(answer("new"));
    asked.getFirst().complete(answer("old"));

    assertThat(before.result().body()).hasToString("old");
    assertThat(after.result().body()).hasToString("new");
    assertThat(get("a").result().body()).hasToString("new");
  }

  @Test
  void shouldBoundNumberAndBytes() {
    for (String key : List.of("a", "b", "c", "d")) {
      get(key);
      asked.getLast().complete(answer("1"));
    }
    assertThat(kept.size()).isEqualTo(3);

    get("e");
    asked.getLast().complete(answer("x".repeat(2000)));

    assertThat(kept.size()).isZero();
    get("b");
    assertThat(asked).hasSize(6);
  }

  @Test
  void shouldTellAnswersApart() {
    assertThat(answer("1").etag()).isEqualTo(answer("1").etag()).matches("\"[A-Za-z0-9_-]{22}\"");
    assertThat(answer("2").etag()).isNotEqualTo(answer("1").etag());
  }
}
