package org.rlarena.match.replays;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.Participant;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.StoredContent;

/** What agents printed, each for its owner alone. */
@Path("/api/v1/matches/{id}/logs")
@Tag(name = "matches")
public class LogResource {

  private final Matches matches;
  private final ObjectStore store;
  private final ObjectMapper json;
  private final Caller caller;

  LogResource(Matches matches, ObjectStore store, ObjectMapper json, Caller caller) {
    this.matches = matches;
    this.store = store;
    this.json = json;
    this.caller = caller;
  }

  @GET
  @RolesAllowed("user")
  @Operation(summary = "What the caller's own agents printed in a match")
  public Logs logs(@PathParam("id") String id) throws IOException {
    UUID matchId = Ids.parse("id", id);
    UUID userId = caller.userId();
    Owned owned = QuarkusTransaction.requiringNew().call(() -> owned(matchId, userId));
    StoredContent content = store.find(owned.log.key()).orElseThrow(LogResource::notAvailable);
    LogFile all;
    try (InputStream in = content.open()) {
      all = json.readValue(in, LogFile.class);
    }
    List<AgentLog> own =
        all.agents().stream().filter(log -> owned.agentIds.contains(log.agentId())).toList();
    return new Logs(matchId, own);
  }

  private Owned owned(UUID matchId, UUID userId) {
    Match match =
        matches
            .findByIdOptional(matchId)
            .orElseThrow(
                () ->
                    MatchError.MATCH_NOT_FOUND.because("There is no match %s.".formatted(matchId)));
    Set<UUID> agentIds =
        match.participants().stream()
            .filter(p -> p.ownerId().equals(userId))
            .map(Participant::agentId)
            .collect(Collectors.toSet());
    if (agentIds.isEmpty()) {
      throw MatchError.NOT_OWNER.because("Only owners of an agent see what it printed.");
    }
    return new Owned(agentIds, match.log().orElseThrow(LogResource::notAvailable));
  }

  private static RuntimeException notAvailable() {
    return MatchError.LOG_NOT_AVAILABLE.because(
        "There is no log of this match; it appears once the match was played.");
  }

  private record Owned(Set<UUID> agentIds, StoredObject log) {}

  /** The caller's part of a match's log. */
  public record Logs(UUID matchId, List<AgentLog> agents) {}

  /**
   * The object that executors upload.
   *
   * @param agents in seat order
   */
  @RegisterForReflection
  record LogFile(UUID matchId, UUID attemptId, List<AgentLog> agents) {
    LogFile {
      agents = agents == null ? List.of() : List.copyOf(agents);
    }
  }

  /**
   * What one agent printed, limited to the last lines.
   *
   * @param error the exception that ended it; may be empty or null
   */
  @RegisterForReflection
  public record AgentLog(UUID agentId, String stdout, String stderr, String error) {
    public AgentLog {
      stdout = wellFormed(stdout);
      stderr = wellFormed(stderr);
      error = wellFormed(error);
    }

    /** Agents print what they like; half a surrogate pair cannot be written as UTF-8. */
    private static String wellFormed(String text) {
      return text == null
          ? null
          : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
  }
}
