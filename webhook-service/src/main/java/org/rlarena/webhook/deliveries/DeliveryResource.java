package org.rlarena.webhook.deliveries;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.access.TokenScope;
import org.rlarena.webhook.WebhookError;
import org.rlarena.webhook.hooks.WebhookResource;
import org.rlarena.webhook.hooks.Webhooks;

/** The log of what was sent to a hook of the caller's. Another user's is a 404. */
@Path("/api/v1/webhooks/{id}/deliveries")
@RolesAllowed("user")
@Tag(name = "Webhooks")
public class DeliveryResource {

  /** Keeps row offsets within reason; nobody has so many deliveries. */
  private static final int LAST_PAGE = 10_000_000;

  private final Deliveries deliveries;
  private final Webhooks hooks;
  private final Caller caller;

  DeliveryResource(Deliveries deliveries, Webhooks hooks, Caller caller) {
    this.deliveries = deliveries;
    this.hooks = hooks;
    this.caller = caller;
  }

  /**
   * A delivery as the hook's owner sees it.
   *
   * @param id the message's, as in {@code webhook-id}
   * @param type of the event
   * @param status {@code waiting}, {@code delivered} or {@code failed}
   * @param attempts begun so far
   * @param nextAttemptAt UTC; left out when there will be none
   * @param lastAttemptAt UTC; left out before the first
   * @param endedAt UTC; left out while it waits
   * @param responseCode of the last attempt; left out without an answer
   * @param responseStart first bytes of that answer; left out without one
   * @param error why the last attempt failed; left out when it did not
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DeliveryView(
      UUID id,
      String type,
      String status,
      int attempts,
      Instant createdAt,
      Instant nextAttemptAt,
      Instant lastAttemptAt,
      Instant endedAt,
      Integer responseCode,
      String responseStart,
      String error) {

    static DeliveryView of(Delivery delivery) {
      boolean waits = delivery.state() == Delivery.State.WAITING;
      return new DeliveryView(
          delivery.id(),
          delivery.type(),
          delivery.state().text(),
          delivery.attempts(),
          delivery.createdAt(),
          waits ? delivery.nextAttemptAt() : null,
          delivery.lastAttemptAt(),
          delivery.endedAt(),
          delivery.responseCode(),
          delivery.responseStart(),
          delivery.error());
    }
  }

  /** One of them. */
  @RegisterForReflection
  public record DeliveryAnswer(DeliveryView delivery) {}

  /** A page of them; page and pageSize as they were used. */
  @RegisterForReflection
  public record DeliveryPage(List<DeliveryView> deliveries, long total, int page, int pageSize) {}

  /** Answers 404 {@code webhook_not_found}. */
  @GET
  @Operation(summary = "What was sent to a webhook and how that went, newest first")
  public DeliveryPage log(
      String id, @QueryParam("page") String page, @QueryParam("pageSize") String pageSize) {
    int number = within("page", page, 1, LAST_PAGE);
    int size = within("pageSize", pageSize, 20, 100);
    UUID hook = hooks.own(caller.userId(), WebhookResource.id(id)).id();
    List<DeliveryView> rows =
        deliveries.page(hook, number, size).stream().map(DeliveryView::of).toList();
    return new DeliveryPage(rows, deliveries.count(hook), number, size);
  }

  /** 202; as {@link Deliveries#replay} refuses. */
  @POST
  @Path("/{deliveryId}/replay")
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Send a message again, under the same id")
  @APIResponse(
      responseCode = "202",
      description = "The delivery, which waits",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = DeliveryAnswer.class)))
  public Response replay(String id, String deliveryId) {
    return accepted(
        deliveries.replay(caller.userId(), WebhookResource.id(id), deliveryId(deliveryId)));
  }

  static Response accepted(Delivery delivery) {
    return Response.accepted(new DeliveryAnswer(DeliveryView.of(delivery)))
        .type(MediaType.APPLICATION_JSON)
        .build();
  }

  private static UUID deliveryId(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw WebhookError.DELIVERY_NOT_FOUND.because(
          "The id of the delivery in this path is no UUID. Check the id.");
    }
  }

  private static int within(String name, String given, int absent, int max) {
    if (given == null || given.isEmpty()) {
      return absent;
    }
    try {
      return Math.clamp(Long.parseLong(given), 1, max);
    } catch (NumberFormatException e) {
      throw WebhookError.INVALID_PARAMETER.because(
          "The query parameter " + name + " must be a whole number.");
    }
  }
}
