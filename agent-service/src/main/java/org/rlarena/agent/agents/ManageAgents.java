package org.rlarena.agent.agents;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.UUID;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.agent.AgentConfig;
import org.rlarena.agent.AgentError;
import org.rlarena.agent.environments.Environments;
import org.rlarena.agent.owners.Owner;
import org.rlarena.agent.owners.Owners;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;

/**
 * What an owner does with agents, and an administrator. Row and event are one transaction each: a
 * process that dies before the commit leaves neither, one that dies after it publishes the event
 * when it is back.
 */
@ApplicationScoped
class ManageAgents {

  private final Agents agents;
  private final Environments environments;
  private final Owners owners;
  private final Outbox outbox;
  private final AuditLog audit;
  private final Clock clock;
  private final int maxPerUser;

  ManageAgents(
      Agents agents,
      Environments environments,
      Owners owners,
      Outbox outbox,
      AuditLog audit,
      Clock clock,
      AgentConfig config) {
    this.agents = agents;
    this.environments = environments;
    this.owners = owners;
    this.outbox = outbox;
    this.audit = audit;
    this.clock = clock;
    this.maxPerUser = config.maxPerUser();
  }

  /**
   * Creates an agent. Refuses with {@code invalid_name}, {@code invalid_description}, {@code
   * unknown_environment} or {@code agent_limit_reached}.
   *
   * @param username the caller's name in the token, used until {@code user.changed} has come
   */
  @Transactional
  AgentView create(UUID user, String username, NewAgent wanted) {
    AgentName name = AgentName.of(wanted.name());
    Description description = Description.of(wanted.description());
    String environmentId = requireKnown(wanted.environmentId());
    // The lock makes the limit hold when one user creates from two places, and lets no agent slip
    // in
    // beside the deletion of its owner.
    Owner owner = owners.lock(user, username);
    if (owner.isDeleted()) {
      throw AgentError.ACCOUNT_DELETED.because(
          "This account was deleted; log in with another one.");
    }
    if (agents.countOf(user) >= maxPerUser) {
      throw AgentError.AGENT_LIMIT_REACHED.because(
          "You have " + maxPerUser + " agents, which is the most allowed; delete one first.");
    }
    Agent agent = Agent.create(user, name, description, environmentId, clock.instant());
    agents.persist(agent);
    publishChange(agent);
    return AgentView.of(agent, owner.username());
  }

  /**
   * Gives an agent another name and description. Refuses with {@code agent_not_found}, {@code
   * not_owner}, {@code invalid_name} or {@code invalid_description}.
   */
  @Transactional
  AgentView describe(UUID user, String username, UUID id, AgentChange wanted) {
    Agent agent = lockOwn(user, id);
    AgentName name = AgentName.of(wanted.name());
    Description description =
        wanted.description() == null
            ? new Description(agent.description)
            : Description.of(wanted.description());
    if (agent.describe(name, description, clock.instant())) {
      publishChange(agent);
    }
    return AgentView.of(agent, owners.lock(user, username).username());
  }

  /** Deletes an agent. Refuses with {@code agent_not_found} or {@code not_owner}. */
  @Transactional
  void delete(UUID user, UUID id) {
    delete(lockOwn(user, id));
  }

  /**
   * What an administrator may do to anybody's agent: takes it out of play or lets it play again.
   * Matchmaking pairs it no more and nobody can challenge it; the match it is in goes on. Refuses
   * with {@code agent_not_found}, {@code already_disabled} or {@code already_enabled}.
   */
  @Transactional
  void allow(Caller admin, UUID id, boolean enabled, String reason) {
    Agent agent = agents.lockLiving(id).orElseThrow(AgentResource::notFound);
    if (!agent.allow(enabled, clock.instant())) {
      throw enabled
          ? AgentError.ALREADY_ENABLED.because("This agent may play already.")
          : AgentError.ALREADY_DISABLED.because("This agent is out of play already.");
    }
    publishChange(agent);
    audit.add(admin, enabled ? "agent.enabled" : "agent.disabled", id.toString(), reason);
  }

  /** Deletes all agents of a user who is gone, each with its own event. */
  @Transactional
  void deleteAllOf(UUID user) {
    agents.lockLivingOf(user).forEach(this::delete);
  }

  private void delete(Agent agent) {
    agent.delete(clock.instant());
    publish(agent, AgentDeleted.TYPE, agent.deleted());
  }

  private void publishChange(Agent agent) {
    publish(agent, AgentChanged.TYPE, agent.changed());
  }

  private void publish(Agent agent, String type, Record data) {
    String id = agent.id.toString();
    outbox.add(new Event(AgentChanged.TOPIC, id, type, id, data));
  }

  private Agent lockOwn(UUID user, UUID id) {
    Agent agent = agents.lockLiving(id).orElseThrow(AgentResource::notFound);
    if (!agent.isOwnedBy(user)) {
      throw AgentError.NOT_OWNER.because("Only the owner of an agent may change or delete it.");
    }
    return agent;
  }

  private String requireKnown(String environmentId) {
    if (environmentId == null
        || Text.isBroken(environmentId)
        || !environments.isKnown(environmentId)) {
      throw AgentError.UNKNOWN_ENVIRONMENT.because(
          "Set environmentId to one of: " + String.join(", ", environments.ids()) + ".");
    }
    return environmentId;
  }
}
