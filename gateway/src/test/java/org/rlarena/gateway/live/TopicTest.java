package org.rlarena.gateway.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {

  private static final UUID ID = UUID.fromString("7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01");

  @Test
  void shouldReadTopicsThatAnybodyMayHear() {
    assertThat(Topic.parse("environment:connect-four")).contains(Topic.environment("connect-four"));
    assertThat(Topic.parse("agent:" + ID)).contains(Topic.agent(ID));
    assertThat(Topic.parse("match:" + ID.toString().toUpperCase())).contains(Topic.match(ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "environment",
        "environment:",
        "environment:Pong",
        "environment:a/b",
        "agent:1-1-1-1-1",
        "agent:7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a0",
        "user:7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01",
        "everything:pong"
      })
  void shouldReadNothingElse(String name) {
    assertThat(Topic.parse(name)).isEmpty();
  }
}
