package org.rlarena.submission.agents;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.submission.SubmissionError;

/**
 * Finds the agent that a command names. A client creates an agent and uploads to it in its next
 * call, which may overtake the event: an agent without a row here is asked for once at
 * agent-service, and the answer is kept. Listeners never use this.
 */
@ApplicationScoped
public class AgentLookup {

  private static final Logger LOG = Logger.getLogger(AgentLookup.class);

  private final Agents agents;
  private final AgentDirectory directory;

  AgentLookup(Agents agents, AgentDirectory directory) {
    this.agents = agents;
    this.directory = directory;
  }

  /**
   * The agent, fetched if need be. Must be called outside a transaction, since it may wait for a
   * second.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code agent_not_found} when it is deleted
   *     or agent-service does not know it
   * @throws AgentUnknown (503) when that cannot be told
   */
  public AgentSnapshot require(UUID id) {
    Optional<Agent> known = agents.findByIdOptional(id);
    if (known.isPresent()) {
      Agent agent = known.get();
      if (agent.isDeleted()) {
        throw notFound();
      }
      return agent.snapshot();
    }
    AgentSnapshot fetched = ask(id).orElseThrow(AgentLookup::notFound);
    agents.learn(fetched);
    return fetched;
  }

  private Optional<AgentSnapshot> ask(UUID id) {
    try {
      return directory.find(id);
    } catch (RuntimeException e) {
      LOG.warnf("Agent could not be looked up, agentId=%s: %s", id, e.toString());
      throw new AgentUnknown(e);
    }
  }

  private static RuntimeException notFound() {
    return SubmissionError.AGENT_NOT_FOUND.because(
        "There is no such agent. Create one first, or check agentId.");
  }
}
