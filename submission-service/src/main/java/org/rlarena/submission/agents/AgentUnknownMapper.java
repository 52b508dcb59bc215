package org.rlarena.submission.agents;

import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.rlarena.submission.SubmissionError;

/**
 * Tells the caller to come back; thrown as a problem, each refusal would be logged as our error.
 */
class AgentUnknownMapper {

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  @ServerExceptionMapper
  Response map(AgentUnknown e) {
    return SubmissionError.AGENT_SERVICE_UNAVAILABLE
        .because(
            "The agent is not known here yet and agent-service does not answer. Try again shortly.",
            RETRY_AFTER)
        .toResponse();
  }
}
