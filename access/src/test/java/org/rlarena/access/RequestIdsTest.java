package org.rlarena.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.infra.testing.TestInfra;

@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "access"))
@WithTestResource(TestKeys.class)
class RequestIdsTest {

  private static final String TRACEPARENT =
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static ReceivedEvent eventCausedWith(String traceparent) {
    String key = UUID.randomUUID().toString();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                given()
                    .header("traceparent", traceparent)
                    .post("/trace/" + key)
                    .then()
                    .statusCode(204));
    try (Events events = Events.connect()) {
      return events.await(TraceResource.TOPIC, event -> key.equals(event.key()));
    }
  }

  @Test
  void shouldTakeTheTraceOfARequestAlongToItsEvents() {
    assertThat(eventCausedWith(TRACEPARENT).headers()).containsEntry("traceparent", TRACEPARENT);
  }

  @Test
  void shouldKeepTracesOfRequestsApart() {
    String other = "00-11111111111111111111111111111111-2222222222222222-00";
    eventCausedWith(TRACEPARENT);

    assertThat(eventCausedWith(other).headers()).containsEntry("traceparent", other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "00-1-2-01"})
  void shouldIgnoreWhatIsNoTrace(String header) {
    eventCausedWith(TRACEPARENT);

    assertThat(eventCausedWith(header).headers()).doesNotContainKey("traceparent");
  }
}
