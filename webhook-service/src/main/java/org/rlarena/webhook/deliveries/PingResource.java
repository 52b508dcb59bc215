package org.rlarena.webhook.deliveries;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.access.TokenScope;
import org.rlarena.webhook.hooks.WebhookResource;

/** Lets an author try a hook. */
@Path("/api/v1/webhooks/{id}/ping")
@RolesAllowed("user")
@Tag(name = "Webhooks")
public class PingResource {

  private final Deliveries deliveries;
  private final Caller caller;

  PingResource(Deliveries deliveries, Caller caller) {
    this.deliveries = deliveries;
    this.caller = caller;
  }

  /** 202; as {@link Deliveries#ping} refuses. */
  @POST
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Send a test message to a webhook")
  @APIResponse(
      responseCode = "202",
      description = "The delivery, which waits",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = DeliveryResource.DeliveryAnswer.class)))
  public Response ping(String id) {
    return DeliveryResource.accepted(deliveries.ping(caller.userId(), WebhookResource.id(id)));
  }
}
