package org.rlarena.webhook.hooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
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
import org.rlarena.webhook.WebhookConfig;
import org.rlarena.webhook.WebhookError;

/**
 * The caller's hooks. Another user's is a 404. To change them is for people: a token that leaked
 * from a program must not be able to send the author's events elsewhere.
 */
@Path("/api/v1/webhooks")
@RolesAllowed("user")
@Tag(name = "Webhooks")
public class WebhookResource {

  static final int LONGEST_DESCRIPTION = 200;

  private final Webhooks hooks;
  private final HookUrls urls;
  private final Secrets secrets;
  private final Caller caller;
  private final Duration overlap;

  WebhookResource(
      Webhooks hooks, HookUrls urls, Secrets secrets, Caller caller, WebhookConfig config) {
    this.hooks = hooks;
    this.urls = urls;
    this.secrets = secrets;
    this.caller = caller;
    this.overlap = config.secretOverlap();
  }

  /**
   * A hook as its owner wants it.
   *
   * @param url required, https
   * @param events required, one or more of {@link Webhook#EVENTS}
   * @param description null when new is the same as empty, else keeps the one there is
   * @param enabled null when new is the same as true, else keeps what is
   */
  @RegisterForReflection
  public record WebhookBody(String url, List<String> events, String description, Boolean enabled) {}

  /**
   * A hook as its owner sees it.
   *
   * @param disabledReason why the service disabled it; left out when it did not
   * @param failingSince the first failed attempt since the last success, UTC; left out after one
   * @param secretRotatedAt when the secret took the place of another, UTC; left out for the first
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WebhookView(
      UUID id,
      String url,
      List<String> events,
      String description,
      boolean enabled,
      String disabledReason,
      Instant failingSince,
      Instant secretRotatedAt,
      Instant createdAt,
      Instant updatedAt) {

    static WebhookView of(Webhook hook) {
      return new WebhookView(
          hook.id(),
          hook.url().toString(),
          hook.events(),
          hook.description(),
          hook.enabled(),
          hook.disabledReason(),
          hook.failingSince(),
          hook.rotatedAt(),
          hook.createdAt(),
          hook.updatedAt());
    }
  }

  /** All of them. */
  @RegisterForReflection
  public record WebhookList(List<WebhookView> webhooks, int total) {}

  /** One of them. */
  @RegisterForReflection
  public record WebhookAnswer(WebhookView webhook) {}

  /**
   * A hook with its secret, which is shown this once.
   *
   * @param previousSecretUntil until when the secret before it signs as well, UTC; left out for the
   *     first one
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WebhookWithSecret(WebhookView webhook, String secret, Instant previousSecretUntil) {

    @Override
    public String toString() {
      return "WebhookWithSecret[id=" + webhook.id() + "]";
    }
  }

  @GET
  @Operation(summary = "The caller's webhooks, oldest first")
  public WebhookList all() {
    List<WebhookView> own = hooks.of(caller.userId()).stream().map(WebhookView::of).toList();
    return new WebhookList(own, own.size());
  }

  /** Answers 404 {@code webhook_not_found}. */
  @GET
  @Path("/{id}")
  @Operation(summary = "One of the caller's webhooks")
  public WebhookAnswer one(String id) {
    return new WebhookAnswer(WebhookView.of(hooks.own(caller.userId(), id(id))));
  }

  /**
   * 201 with the secret; {@code invalid_url}, {@code invalid_events}, {@code invalid_description},
   * {@code webhook_limit_reached}.
   */
  @POST
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Register a webhook; its secret is shown this once")
  @APIResponse(
      responseCode = "201",
      description = "The webhook",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WebhookWithSecret.class)))
  public Response create(WebhookBody body) {
    requireBody(body);
    Webhook hook =
        hooks.create(
            caller.userId(),
            new Webhooks.Wanted(
                urls.parse(body.url()),
                events(body.events()),
                description(body.description() == null ? "" : body.description()),
                body.enabled() == null || body.enabled()));
    return withSecret(Response.Status.CREATED, hook);
  }

  /** As the creation refuses, and with {@code webhook_not_found}. */
  @PUT
  @Path("/{id}")
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Change a webhook")
  public WebhookAnswer change(String id, WebhookBody body) {
    requireBody(body);
    Webhook hook =
        hooks.change(
            caller.userId(),
            id(id),
            was ->
                new Webhooks.Wanted(
                    urls.parse(body.url()),
                    events(body.events()),
                    body.description() == null
                        ? was.description()
                        : description(body.description()),
                    body.enabled() == null ? was.enabled() : body.enabled()));
    return new WebhookAnswer(WebhookView.of(hook));
  }

  /** 204; {@code webhook_not_found}. */
  @DELETE
  @Path("/{id}")
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Delete a webhook and its deliveries")
  public void delete(String id) {
    hooks.delete(caller.userId(), id(id));
  }

  /** 200 with the new secret; {@code webhook_not_found}. */
  @POST
  @Path("/{id}/secret")
  @TokenScope(TokenScope.NEVER)
  @Operation(summary = "Give a webhook another secret, shown this once")
  @APIResponse(
      responseCode = "200",
      description = "The webhook",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WebhookWithSecret.class)))
  public Response rotate(String id) {
    return withSecret(Response.Status.OK, hooks.rotate(caller.userId(), id(id)));
  }

  /** The id in a path; what is none is nobody's: {@code webhook_not_found}. */
  public static UUID id(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw WebhookError.WEBHOOK_NOT_FOUND.because("The id in this path is no UUID. Check the id.");
    }
  }

  private Response withSecret(Response.Status status, Webhook hook) {
    Instant until = hook.rotatedAt() == null ? null : hook.rotatedAt().plus(overlap);
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON)
        .header("Cache-Control", "no-store")
        .entity(
            new WebhookWithSecret(
                WebhookView.of(hook), secrets.shown(hook.id(), hook.generation()), until))
        .build();
  }

  private static void requireBody(WebhookBody body) {
    if (body == null) {
      throw WebhookError.INVALID_BODY.because("Send a JSON object with a url and events.");
    }
  }

  private static List<String> events(List<String> wanted) {
    if (wanted == null
        || wanted.isEmpty()
        || !wanted.stream().allMatch(event -> event != null && Webhook.EVENTS.contains(event))) {
      throw WebhookError.INVALID_EVENTS.because(
          "Set events to one or more of: " + String.join(", ", Webhook.EVENTS) + ".");
    }
    return Webhook.EVENTS.stream().filter(wanted::contains).toList();
  }

  private static String description(String text) {
    boolean broken =
        text.codePoints()
            .anyMatch(
                c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    if (broken || text.codePointCount(0, text.length()) > LONGEST_DESCRIPTION) {
      throw WebhookError.INVALID_DESCRIPTION.because(
          "The description may have at most "
              + LONGEST_DESCRIPTION
              + " characters, and no control characters.");
    }
    return text;
  }
}
