package org.rlarena.gateway.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rlarena.gateway.caller.Caller;

class ConnectionTest {

  private static final int MOST_MESSAGES = 4;
  private static final int MOST_BYTES = 100;

  private static Vertx vertx;

  private final FakeWire wire = new FakeWire();
  private final Connection connection =
      new Connection(
          new Caller(UUID.randomUUID(), "jti", Instant.now(), Instant.MAX, true, "token"),
          vertx.getOrCreateContext(),
          wire,
          MOST_MESSAGES,
          MOST_BYTES);

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    vertx.close();
  }

  private static Message message(String text) {
    return new Message(null, "test", text, Set.of());
  }

  @Test
  void shouldSendInOrder() {
    List<String> texts = List.of("1", "2", "3");

    texts.forEach(text -> connection.offer(message(text)));

    await().untilAsserted(() -> assertThat(wire.sent).isEqualTo(texts));
  }

  @Test
  void shouldWaitForAWireThatIsFullAndGoOn() {
    wire.full = true;
    connection.offer(message("1"));
    await().until(() -> wire.next != null);
    connection.offer(message("2"));
    assertThat(wire.sent).isEmpty();

    wire.full = false;
    vertx.runOnContext(now -> wire.next.run());

    await().untilAsserted(() -> assertThat(wire.sent).containsExactly("1", "2"));
  }

  @Test
  void shouldDropAClientForWhichTooManyMessagesWait() {
    wire.full = true;
    for (int i = 0; i < MOST_MESSAGES; i++) {
      assertThat(connection.offer(message("x"))).isTrue();
    }

    assertThat(connection.offer(message("one too many"))).isFalse();

    await().untilAsserted(() -> assertThat(wire.ending).isEqualTo(Wire.Ending.SLOW));
    assertThat(connection.offer(message("nobody waits for this"))).isTrue();
    assertThat(wire.sent).isEmpty();
  }

  @Test
  void shouldDropAClientForWhichTooManyBytesWait() {
    wire.full = true;
    assertThat(connection.offer(message("x".repeat(MOST_BYTES)))).isTrue();

    assertThat(connection.offer(message("x"))).isFalse();
  }

  @Test
  void shouldNotCountWhatIsSentAgain() {
    wire.full = true;
    for (int i = 0; i < 3 * MOST_MESSAGES; i++) {
      connection.replay(message("x".repeat(MOST_BYTES)));
    }

    assertThat(connection.offer(message("new"))).isTrue();
    await().until(() -> wire.next != null);
    wire.full = false;
    vertx.runOnContext(now -> wire.next.run());

    await().untilAsserted(() -> assertThat(wire.sent).hasSize(3 * MOST_MESSAGES + 1));
    assertThat(wire.sent.getLast()).isEqualTo("new");
  }

  @Test
  void shouldSayNothingAfterTheEnd() {
    connection.end(Wire.Ending.TOKEN);
    connection.end(Wire.Ending.STOPPING);
    connection.offer(message("late"));

    await().untilAsserted(() -> assertThat(wire.ending).isEqualTo(Wire.Ending.TOKEN));
    assertThat(wire.sent).isEmpty();
    assertThat(wire.endings).isEqualTo(1);
  }

  private static final class FakeWire implements Wire {
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private volatile boolean full;
    private volatile Runnable next;
    private volatile Ending ending;
    private volatile int endings;

    @Override
    public void send(Message message) {
      sent.add(message.text());
    }

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public void onDrain(Runnable next) {
      this.next = next;
    }

    @Override
    public void ping(String lastId) {
      // not looked at here
    }

    @Override
    public void close(Ending ending) {
      this.ending = ending;
      endings++;
    }
  }
}
