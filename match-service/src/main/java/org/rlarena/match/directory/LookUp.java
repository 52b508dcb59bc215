package org.rlarena.match.directory;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.rlarena.match.MatchError;

/**
 * Finds what a command names: in the projection, else by asking the owner once. The answer is
 * stored with its sequence, so that a newer event still wins. Must not be called within a
 * transaction: a slow neighbour would hold it open. Dying between answer and storing costs one more
 * question.
 */
@ApplicationScoped
public class LookUp {

  private static final Logger LOG = Logger.getLogger(LookUp.class);
  private static final long RETRY_AFTER_SECONDS = 5;

  private final Agents agents;
  private final ActiveVersions versions;
  private final Neighbours neighbours;

  LookUp(Agents agents, ActiveVersions versions, Neighbours neighbours) {
    this.agents = agents;
    this.versions = versions;
    this.neighbours = neighbours;
  }

  /**
   * The agent, a deleted one excluded.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code agent_not_found} when its owner says
   *     so, {@code neighbour_unavailable} when the owner cannot be asked
   */
  public AgentEntry agent(UUID id) {
    AgentEntry agent = find(() -> agents.findByIdOptional(id)).orElseGet(() -> askForAgent(id));
    if (agent.isDeleted()) {
      throw unknown(id);
    }
    return agent;
  }

  /**
   * The version of the agent that plays; empty when it has none.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code neighbour_unavailable} when nothing
   *     is known and submission-service cannot be asked
   */
  public Optional<ActiveVersion> activeVersion(UUID agentId) {
    Supplier<Optional<ActiveVersion>> stored = () -> versions.findByIdOptional(agentId);
    Optional<ActiveVersion> known = find(stored);
    if (known.isEmpty()) {
      Optional<SubmissionActivated> answer =
          ask("submission-service", () -> neighbours.activeSubmission(agentId));
      answer.ifPresent(a -> QuarkusTransaction.requiringNew().run(() -> versions.put(a)));
      known = answer.isPresent() ? find(stored) : Optional.empty();
    }
    return known.filter(ActiveVersion::isActive);
  }

  private AgentEntry askForAgent(UUID id) {
    AgentChanged answer =
        ask("agent-service", () -> neighbours.agent(id)).orElseThrow(() -> unknown(id));
    QuarkusTransaction.requiringNew().run(() -> agents.put(answer));
    return find(() -> agents.findByIdOptional(id)).orElseThrow();
  }

  private static <T> Optional<T> find(Supplier<Optional<T>> query) {
    return QuarkusTransaction.requiringNew().call(query::get);
  }

  private static <T> T ask(String neighbour, Supplier<T> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      LOG.warnf("%s gave no answer: %s", neighbour, e);
      throw MatchError.NEIGHBOUR_UNAVAILABLE.because(
          "A part of the suite does not answer at the moment. Try again in a few seconds.",
          RETRY_AFTER_SECONDS);
    }
  }

  private static RuntimeException unknown(UUID id) {
    return MatchError.AGENT_NOT_FOUND.because("There is no agent %s.".formatted(id));
  }
}
