package org.rlarena.agent.environments;

import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.agent.AgentError;

/** The catalogue over HTTP, open to everybody. */
@Path("/api/v1/environments")
@Tag(name = "Environments")
@Transactional
public class EnvironmentResource {

  private final Environments environments;

  EnvironmentResource(Environments environments) {
    this.environments = environments;
  }

  @GET
  @Operation(summary = "All environments, sorted by id")
  public EnvironmentList all() {
    Map<String, Long> participants = environments.participants();
    return new EnvironmentList(
        environments.sorted().stream()
            .map(row -> EnvironmentView.of(row, participants.getOrDefault(row.id, 0L)))
            .toList());
  }

  /** Answers 404 {@code environment_not_found} for an unknown id. */
  @GET
  @Path("/{id}")
  @Operation(summary = "One environment")
  public EnvironmentAnswer one(String id) {
    Environment row = id.indexOf('\0') >= 0 ? null : environments.findById(id);
    if (row == null) {
      throw AgentError.ENVIRONMENT_NOT_FOUND.because(
          "There is no such environment. Known are: "
              + String.join(", ", environments.ids())
              + ".");
    }
    return new EnvironmentAnswer(
        EnvironmentView.of(row, environments.participants().getOrDefault(row.id, 0L)));
  }

  /** Answer with all environments. */
  public record EnvironmentList(List<EnvironmentView> environments) {}

  /** Answer with one environment. */
  public record EnvironmentAnswer(EnvironmentView environment) {}
}
