package org.rlarena.match.directory;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.rlarena.access.ServiceTokens;

/**
 * Questions to the owners of agents and submissions, each answered within a second or not at all.
 * Empty means that the owner says there is none; everything else that goes wrong is an exception. A
 * neighbour that keeps failing is left alone for five seconds.
 */
@ApplicationScoped
class Neighbours {

  private final AgentServiceClient agents;
  private final SubmissionServiceClient submissions;
  private final ServiceTokens tokens;

  Neighbours(
      @RestClient AgentServiceClient agents,
      @RestClient SubmissionServiceClient submissions,
      ServiceTokens tokens) {
    this.agents = agents;
    this.submissions = submissions;
    this.tokens = tokens;
  }

  @Timeout(value = 1, unit = ChronoUnit.SECONDS)
  @CircuitBreaker(requestVolumeThreshold = 6, delay = 5, delayUnit = ChronoUnit.SECONDS)
  Optional<AgentChanged> agent(UUID id) {
    return found(() -> agents.agent(id, tokens.bearer("agent-service", "agent:read")));
  }

  @Timeout(value = 1, unit = ChronoUnit.SECONDS)
  @CircuitBreaker(requestVolumeThreshold = 6, delay = 5, delayUnit = ChronoUnit.SECONDS)
  Optional<SubmissionActivated> activeSubmission(UUID agentId) {
    return found(
        () ->
            submissions.activeSubmission(
                agentId, tokens.bearer("submission-service", "submission:read")));
  }

  private static <T> Optional<T> found(Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (WebApplicationException e) {
      if (e.getResponse().getStatus() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
