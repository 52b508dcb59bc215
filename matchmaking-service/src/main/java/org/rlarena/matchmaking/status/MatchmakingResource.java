package org.rlarena.matchmaking.status;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.matchmaking.MatchmakingError;

/** The public view of the queue. */
@Path("/api/v1/matchmaking")
@Tag(name = "matchmaking")
public class MatchmakingResource {

  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Statuses statuses;

  MatchmakingResource(Statuses statuses) {
    this.statuses = statuses;
  }

  /**
   * @param queues one per environment
   */
  record Queues(List<QueueStatus> queues) {}

  @GET
  @Path("queue")
  @Operation(summary = "How many agents wait, by environment")
  public Queues queue(@QueryParam("environmentId") String environmentId) {
    return new Queues(
        statuses.queues().stream()
            .filter(queue -> environmentId == null || queue.environmentId().equals(environmentId))
            .toList());
  }

  @GET
  @Path("agents/{id}")
  @Operation(summary = "When an agent plays next, and what keeps it from playing")
  public AgentStatus agent(@PathParam("id") String id) {
    if (!UUID_TEXT.matcher(id).matches()) {
      throw MatchmakingError.INVALID_ID.because("The agent's id in the path must be a UUID.");
    }
    return statuses.of(UUID.fromString(id));
  }
}
