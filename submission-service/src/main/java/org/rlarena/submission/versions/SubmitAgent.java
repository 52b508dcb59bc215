package org.rlarena.submission.versions;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.rlarena.submission.SubmissionError;
import org.rlarena.submission.agents.Agent;
import org.rlarena.submission.agents.AgentLookup;
import org.rlarena.submission.agents.Agents;
import org.rlarena.submission.sources.SourceInspector;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.SourceStore;
import org.rlarena.submission.sources.StoredSource;

/**
 * Takes in an upload: agent, owner, content, file, and last the row with its event.
 *
 * <p>If the process dies before the row commits, the caller has no answer, no version number is
 * used up, and the file, if written already, is swept later. If it dies after the commit, the
 * version exists and its event leaves through the outbox; a caller who repeats the upload for want
 * of an answer makes another version, unless both name the request by one key.
 */
@ApplicationScoped
class SubmitAgent {

  private static final int MAX_FILENAME = 255;

  private final AgentLookup lookup;
  private final Agents agents;
  private final SourceInspector inspector;
  private final SourceStore store;
  private final Submissions submissions;
  private final SubmissionEvents events;
  private final Clock clock;

  SubmitAgent(
      AgentLookup lookup,
      Agents agents,
      SourceInspector inspector,
      SourceStore store,
      Submissions submissions,
      SubmissionEvents events,
      Clock clock) {
    this.lookup = lookup;
    this.agents = agents;
    this.inspector = inspector;
    this.store = store;
    this.submissions = submissions;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Stores a new version.
   *
   * @param upload the spooled file, left alone
   * @param filename as the uploader named it
   * @param once runs the creation, in its transaction
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code agent_not_found}, {@code not_owner},
   *     or what {@link SourceInspector#inspect} says
   * @throws org.rlarena.submission.agents.AgentUnknown (503) when the agent cannot be looked up
   */
  SubmissionView submit(
      UUID caller,
      UUID agentId,
      Path upload,
      String filename,
      Function<Supplier<SubmissionView>, SubmissionView> once) {
    if (!lookup.require(agentId).ownerId().equals(caller)) {
      throw notOwner();
    }
    SourceKind kind = inspector.inspect(upload, filename);
    UUID id = UUID.randomUUID();
    StoredSource source = store.store(id, kind, upload, plain(filename));
    try {
      return QuarkusTransaction.requiringNew()
          .call(() -> once.apply(() -> insert(caller, agentId, id, source)));
    } catch (RuntimeException e) {
      undo(id, kind, e);
      throw e;
    }
  }

  /** What stays if this does not succeed either is swept later. */
  private void undo(UUID id, SourceKind kind, RuntimeException reason) {
    try {
      store.erase(id, kind);
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  private SubmissionView insert(UUID caller, UUID agentId, UUID id, StoredSource source) {
    // deleted, or given away, since it was looked up
    Agent agent =
        agents
            .lock(agentId)
            .filter(known -> !known.isDeleted())
            .orElseThrow(
                () -> SubmissionError.AGENT_NOT_FOUND.because("The agent was just deleted."));
    if (!agent.isOwnedBy(caller)) {
      throw notOwner();
    }
    Submission submission =
        new Submission(
            id, agentId, agent.environmentId(), agent.nextVersion(), source, clock.instant());
    submissions.persist(submission);
    events.created(agent, submission);
    return SubmissionView.ofOwner(agent, submission);
  }

  /** The file's name without folders and without what does not print. */
  private static String plain(String filename) {
    String name =
        filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
    StringBuilder plain = new StringBuilder();
    name.codePoints()
        .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
        .limit(MAX_FILENAME)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static RuntimeException notOwner() {
    return SubmissionError.NOT_OWNER.because("The agent belongs to somebody else.");
  }
}
