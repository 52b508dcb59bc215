package org.rlarena.agent.agents;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.access.RepeatedRequests;
import org.rlarena.access.TokenScope;
import org.rlarena.agent.AgentError;
import org.rlarena.agent.Message;

/** Agents over HTTP: lists and single ones for everybody, changes for their owners. */
@Path("/api/v1/agents")
@Tag(name = "Agents")
public class AgentResource {

  private final Agents agents;
  private final ManageAgents manage;
  private final RepeatedRequests repeats;
  private final Caller caller;

  AgentResource(Agents agents, ManageAgents manage, RepeatedRequests repeats, Caller caller) {
    this.agents = agents;
    this.manage = manage;
    this.repeats = repeats;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Agents; the best first, unless sorted otherwise")
  public AgentPage all(
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize,
      @QueryParam("environmentId") String environmentId,
      @QueryParam("userId") String userId,
      @Parameter(description = "A part of the name or description, in upper or lower case")
          @Schema(maxLength = AgentQuery.LONGEST_SEARCH)
          @QueryParam("search")
          String search,
      @Parameter(
              description = "By rating (the default) or created: highest and newest first; by name")
          @Schema(enumeration = {"rating", "created", "name"})
          @QueryParam("sort")
          String sort) {
    Paging paging = Paging.of(page, pageSize);
    Agents.Slice slice = agents.page(AgentQuery.of(environmentId, userId, search, sort), paging);
    return new AgentPage(slice.agents(), slice.total(), paging.page(), paging.pageSize());
  }

  @GET
  @Path("/my")
  @RolesAllowed("user")
  @Operation(summary = "The caller's agents, newest first")
  public OwnAgents my(@QueryParam("environmentId") String environmentId) {
    List<AgentView> own = agents.all(AgentQuery.own(caller.userId(), environmentId));
    return new OwnAgents(own, own.size());
  }

  /** Answers 404 {@code agent_not_found} for an unknown or deleted agent. */
  @GET
  @Path("/{id}")
  @Operation(summary = "One agent")
  public AgentAnswer one(String id) {
    return new AgentAnswer(agents.view(agentId(id)).orElseThrow(AgentResource::notFound));
  }

  /** Answers as {@link ManageAgents#create} refuses. */
  @POST
  @RolesAllowed("user")
  @TokenScope(TokenScope.AGENTS_WRITE)
  @Transactional
  @Operation(summary = "Create an agent")
  @APIResponse(
      responseCode = "201",
      description = "The agent",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = AgentDone.class)))
  @APIResponse(responseCode = "422", description = "The key has named another request")
  public Response create(
      @Parameter(description = "Names this request: a repeat of it is answered as the first time")
          @Schema(pattern = RepeatedRequests.PATTERN)
          @HeaderParam(RepeatedRequests.KEY)
          String key,
      NewAgent wanted) {
    requireBody(wanted);
    UUID user = caller.userId();
    AgentView agent =
        repeats
            .of(key, user, "POST /agents", wanted)
            .once(() -> manage.create(user, caller.username(), wanted), AgentResource::created);
    return created(agent);
  }

  private static Response created(AgentView agent) {
    return Response.status(Response.Status.CREATED)
        .entity(new AgentDone("Agent created", agent))
        .build();
  }

  /** Answers as {@link ManageAgents#describe} refuses. */
  @PUT
  @Path("/{id}")
  @RolesAllowed("user")
  @TokenScope(TokenScope.AGENTS_WRITE)
  @Operation(summary = "Rename or describe an agent")
  public AgentDone describe(String id, AgentChange wanted) {
    requireBody(wanted);
    return new AgentDone(
        "Agent updated", manage.describe(caller.userId(), caller.username(), agentId(id), wanted));
  }

  /** Answers as {@link ManageAgents#delete} refuses. */
  @DELETE
  @Path("/{id}")
  @RolesAllowed("user")
  @TokenScope(TokenScope.AGENTS_WRITE)
  @Operation(summary = "Delete an agent")
  public Message delete(String id) {
    manage.delete(caller.userId(), agentId(id));
    return new Message("Agent deleted");
  }

  static HttpProblem notFound() {
    return AgentError.AGENT_NOT_FOUND.because(
        "There is no agent with this id, or it was deleted. Check the id.");
  }

  static UUID agentId(String id) {
    return uuid(id).orElseThrow(AgentResource::notFound);
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void requireBody(Record body) {
    if (body == null) {
      throw AgentError.INVALID_BODY.because("Send a JSON object that has at least a name.");
    }
  }

  /** Answer of the list of all agents; page and pageSize as they were used. */
  public record AgentPage(List<AgentView> agents, long total, int page, int pageSize) {}

  /** Answer of the list of the caller's agents. */
  public record OwnAgents(List<AgentView> agents, long total) {}

  /** Answer with one agent. */
  public record AgentAnswer(AgentView agent) {}

  /** Answer after a change. */
  public record AgentDone(String message, AgentView agent) {}
}
