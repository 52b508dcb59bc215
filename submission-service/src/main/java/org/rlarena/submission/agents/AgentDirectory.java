package org.rlarena.submission.agents;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response.Status;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.rlarena.access.ServiceTokens;

/**
 * Asks agent-service for one agent, within a second. After a run of failures the circuit breaker
 * answers at once for two seconds, so that uploads do not queue up behind a dead neighbour.
 */
@ApplicationScoped
class AgentDirectory {

  private final AgentClient client;
  private final ServiceTokens tokens;

  AgentDirectory(@RestClient AgentClient client, ServiceTokens tokens) {
    this.client = client;
    this.tokens = tokens;
  }

  /**
   * The agent as its owner knows it.
   *
   * @return empty when agent-service says that there is no such agent
   * @throws RuntimeException when it, or auth-service for the token, does not answer properly
   */
  @Timeout(1000)
  @CircuitBreaker(requestVolumeThreshold = 6, failureRatio = 0.5, delay = 2000)
  Optional<AgentSnapshot> find(UUID id) {
    String bearer = tokens.bearer("agent-service", "agent:read");
    try {
      return Optional.of(client.get(id, bearer));
    } catch (WebApplicationException e) {
      if (e.getResponse().getStatus() == Status.NOT_FOUND.getStatusCode()) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
