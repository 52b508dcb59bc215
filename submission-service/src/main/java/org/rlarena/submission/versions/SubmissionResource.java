package org.rlarena.submission.versions;

import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.multipart.FileUpload;
import org.rlarena.access.Caller;
import org.rlarena.access.RepeatedRequests;
import org.rlarena.access.TokenScope;
import org.rlarena.submission.Ids;
import org.rlarena.submission.SubmissionError;

/** Versions over HTTP, for everybody; owners see more and may do more. */
@Path("/api/v1/submissions")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class SubmissionResource {

  private final Caller caller;
  private final SubmitAgent submitAgent;
  private final OwnedSubmissions owned;
  private final SubmissionQueries queries;
  private final RepeatedRequests repeats;

  SubmissionResource(
      Caller caller,
      SubmitAgent submitAgent,
      OwnedSubmissions owned,
      SubmissionQueries queries,
      RepeatedRequests repeats) {
    this.caller = caller;
    this.submitAgent = submitAgent;
    this.owned = owned;
    this.queries = queries;
    this.repeats = repeats;
  }

  @POST
  @RolesAllowed("user")
  @TokenScope(TokenScope.SUBMISSIONS_WRITE)
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  @Operation(summary = "Upload a version of an agent: one .py file or a .zip archive")
  @APIResponse(
      responseCode = "201",
      description = "The version",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = SubmissionReply.class)))
  @APIResponse(responseCode = "404", description = "There is no such agent")
  @APIResponse(responseCode = "422", description = "The key has named another request")
  public Response submit(
      @Parameter(description = "Names this request: a repeat of it is answered as the first time")
          @Schema(pattern = RepeatedRequests.PATTERN)
          @HeaderParam(RepeatedRequests.KEY)
          String key,
      @RestForm String agentId,
      @RestForm("file") FileUpload file) {
    if (agentId == null || agentId.isBlank()) {
      throw SubmissionError.INVALID_REQUEST.because(
          "agentId is required: send it as a form field beside the file.");
    }
    UUID agent = Ids.parse("agentId", agentId.strip());
    // a part without a file name is a text field that happens to be called file
    if (file == null || file.fileName() == null || file.fileName().isBlank()) {
      throw SubmissionError.INVALID_REQUEST.because(
          "file is required: send the .py or .zip as a form file named \"file\".");
    }
    UUID user = caller.userId();
    List<?> content =
        key == null ? List.of() : List.of(agent, file.fileName(), sha256(file.uploadedFile()));
    var request = repeats.of(key, user, "POST /submissions", content);
    SubmissionView view =
        submitAgent.submit(
            user,
            agent,
            file.uploadedFile(),
            file.fileName(),
            creation -> request.once(creation, SubmissionResource::created));
    return created(view);
  }

  private static Response created(SubmissionView view) {
    String message = "Version %d was uploaded and will be built.".formatted(view.version());
    return Response.status(Status.CREATED).entity(new SubmissionReply(message, view)).build();
  }

  private static String sha256(java.nio.file.Path file) {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "One version")
  public SubmissionReply get(@PathParam("id") String id) {
    return new SubmissionReply(null, queries.get(Ids.parse("id", id), caller.optionalUserId()));
  }

  @GET
  @Path("/agent/{agentId}")
  @Operation(summary = "Versions of an agent, newest first")
  public SubmissionList ofAgent(
      @PathParam("agentId") String agentId,
      @Parameter(description = "From 1; default 1") @RestQuery String page,
      @Parameter(description = "1 to 100; default 20") @RestQuery String pageSize) {
    return queries.ofAgent(
        Ids.parse("agentId", agentId), PageRequest.of(page, pageSize), caller.optionalUserId());
  }

  @GET
  @Path("/{id}/build-status")
  @Operation(summary = "How far the build of a version is")
  public BuildStatusView buildStatus(@PathParam("id") String id) {
    return queries.buildStatus(Ids.parse("id", id), caller.optionalUserId());
  }

  @GET
  @Path("/{id}/source")
  @RolesAllowed("user")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  @Operation(summary = "The upload, for its owner alone")
  public Response source(@PathParam("id") String id) {
    return SourceResponses.attachment(queries.sourceForOwner(Ids.parse("id", id), caller.userId()));
  }

  @PUT
  @Path("/{id}/activate")
  @RolesAllowed("user")
  @TokenScope(TokenScope.SUBMISSIONS_WRITE)
  @Operation(summary = "Let a version play, and queue the agent")
  public SubmissionReply activate(@PathParam("id") String id) {
    SubmissionView view = owned.activate(caller.userId(), Ids.parse("id", id));
    return new SubmissionReply("Version %d plays now.".formatted(view.version()), view);
  }

  @POST
  @Path("/{id}/rebuild")
  @RolesAllowed("user")
  @TokenScope(TokenScope.SUBMISSIONS_WRITE)
  @Operation(summary = "Build a version again whose build failed, at most three times")
  public SubmissionReply rebuild(@PathParam("id") String id) {
    SubmissionView view = owned.rebuild(caller.userId(), Ids.parse("id", id));
    return new SubmissionReply("Rebuild %d of 3 was requested.".formatted(view.retryCount()), view);
  }
}
