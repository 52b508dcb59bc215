package org.rlarena.gateway.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.UUID;

/** Payloads of messages to one client about its own connection. */
final class Notices {

  private Notices() {}

  /**
   * The first message.
   *
   * @param lastEventId to resume from when nothing else has come; left out before the first event
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Hello(UUID userId, String lastEventId) {}

  @RegisterForReflection
  record OfTopic(String topic) {}

  /**
   * What was missed has been queued before this.
   *
   * @param messages how many
   */
  @RegisterForReflection
  record Resumed(int messages) {}

  @RegisterForReflection
  record Failure(String code, String message) {}
}
