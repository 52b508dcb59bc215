package org.rlarena.submission.versions;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.objects.StoredContent;
import org.rlarena.submission.SubmissionError;
import org.rlarena.submission.agents.Agent;
import org.rlarena.submission.agents.Agents;
import org.rlarena.submission.sources.SourceStore;

/** What can be read of versions. Those of a deleted agent are gone for every reader. */
@ApplicationScoped
class SubmissionQueries {

  private static final Logger LOG = Logger.getLogger(SubmissionQueries.class);

  private final Agents agents;
  private final Submissions submissions;
  private final SourceStore store;

  SubmissionQueries(Agents agents, Submissions submissions, SourceStore store) {
    this.agents = agents;
    this.submissions = submissions;
    this.store = store;
  }

  /** One version; the owner sees more of it than others. */
  @Transactional
  SubmissionView get(UUID id, Optional<UUID> caller) {
    Found found = find(id);
    return SubmissionView.of(found.agent, found.submission, caller);
  }

  @Transactional
  BuildStatusView buildStatus(UUID id, Optional<UUID> caller) {
    Found found = find(id);
    return BuildStatusView.of(found.submission, caller.filter(found.agent::isOwnedBy).isPresent());
  }

  /** An agent's versions, newest first; none for an unknown agent. */
  @Transactional
  SubmissionList ofAgent(UUID agentId, PageRequest page, Optional<UUID> caller) {
    Optional<Agent> known = agents.findByIdOptional(agentId).filter(agent -> !agent.isDeleted());
    if (known.isEmpty()) {
      return new SubmissionList(List.of(), 0, page.number(), page.size());
    }
    List<SubmissionView> views =
        submissions.newestOf(agentId, page).stream()
            .map(submission -> SubmissionView.of(known.get(), submission, caller))
            .toList();
    return new SubmissionList(views, submissions.countOf(agentId), page.number(), page.size());
  }

  /**
   * The upload, for its owner alone.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code submission_not_found}, {@code
   *     not_owner} or {@code source_not_found}
   */
  SourceFile sourceForOwner(UUID id, UUID caller) {
    return sourceOf(
        QuarkusTransaction.requiringNew()
            .call(
                () -> {
                  Found found = find(id);
                  if (!found.agent.isOwnedBy(caller)) {
                    throw SubmissionError.NOT_OWNER.because(
                        "Only the agent's owner can read its source.");
                  }
                  return found.submission;
                }));
  }

  /** The upload, for another service. */
  SourceFile sourceForService(UUID id) {
    return sourceOf(QuarkusTransaction.requiringNew().call(() -> find(id).submission));
  }

  /** The playing version of an agent as its latest activation event told it. */
  @Transactional
  SubmissionEvents.Activated active(UUID agentId) {
    return agents
        .findByIdOptional(agentId)
        .filter(agent -> !agent.isDeleted())
        .flatMap(
            agent ->
                submissions
                    .activeOf(agentId)
                    .map(submission -> SubmissionEvents.Activated.of(agent, submission)))
        .orElseThrow(
            () -> SubmissionError.NO_ACTIVE_SUBMISSION.because("The agent has no active version."));
  }

  /** Needs no transaction: it is one statement. */
  OwnerStats statsOf(UUID ownerId) {
    return submissions.statsOf(ownerId);
  }

  static RuntimeException notFound() {
    return SubmissionError.SUBMISSION_NOT_FOUND.because("There is no such submission.");
  }

  private Found find(UUID id) {
    Submission submission =
        submissions.findByIdOptional(id).orElseThrow(SubmissionQueries::notFound);
    Agent agent = agents.findById(submission.agentId());
    if (agent.isDeleted()) {
      throw notFound();
    }
    return new Found(agent, submission);
  }

  /** Outside any transaction: a slow store must not hold connections to the database. */
  private SourceFile sourceOf(Submission submission) {
    StoredContent content =
        store
            .find(submission.id(), submission.source().kind())
            .orElseThrow(
                () -> {
                  LOG.errorf(
                      "Source is missing in the object store, submissionId=%s", submission.id());
                  return SubmissionError.SOURCE_NOT_FOUND.because(
                      "The upload is no longer stored.");
                });
    String name =
        "submission-v%d.%s".formatted(submission.version(), submission.source().kind().wire());
    return new SourceFile(content, name);
  }

  /**
   * An upload to be sent.
   *
   * @param content what is stored
   * @param name what to call it, made here
   */
  record SourceFile(StoredContent content, String name) {}

  private record Found(Agent agent, Submission submission) {}
}
