package org.rlarena.gateway.live;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.bus.BusReader;
import org.rlarena.gateway.bus.NoBroker;
import org.rlarena.infra.EmbeddedKafka;
import org.rlarena.infra.Topics;
import org.rlarena.infra.testing.Events;

@QuarkusTest
@WithTestResource(FakeServices.class)
@WithTestResource(TestKeys.class)
@WithTestResource(NoBroker.class)
class OutageIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path folder;

  @Inject BusReader bus;

  @Test
  void shouldStartWithoutBrokerAndGoOnAfterEachOfItsOutages() {
    String bootstrap = ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class);
    int port = Integer.parseInt(bootstrap.split(":")[1]);
    String token = TestTokens.user(UUID.randomUUID(), "ada");

    // without a broker the rest works, and the stream says that it does not
    given().get("/api/v1/agents").then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(200);
    given()
        .queryParam("token", token)
        .get("/api/v1/events")
        .then()
        .statusCode(503)
        .header("Retry-After", "5")
        .body("error", containsString("live stream"));

    Facts before;
    Listener listener;
    try (EmbeddedKafka _ = EmbeddedKafka.start(folder, port)) {
      Topics.create(bootstrap, "");
      await().atMost(LIMIT).until(bus::isCaughtUp);
      listener = Listener.connect(token, "");
      try (Events events = Events.connect(bootstrap, "")) {
        before = new Facts(events);
        listener.subscribe("match:" + before.match);
        before.created();
        listener.await("match_created");
      }
    }
    assertThat(listener.closed).isNotDone();
    try (EmbeddedKafka _ = EmbeddedKafka.start(folder, port);
        Events events = Events.connect(bootstrap, "")) {
      Facts after = new Facts(events);
      listener.subscribe("match:" + after.match);
      after.created();
      assertThat(listener.await("match_created").at("/payload/matchId").asText())
          .isEqualTo(after.match.toString());
    }
    listener.close();
  }
}
