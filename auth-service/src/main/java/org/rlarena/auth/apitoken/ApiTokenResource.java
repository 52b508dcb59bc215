package org.rlarena.auth.apitoken;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.rlarena.access.Caller;
import org.rlarena.access.TokenScope;
import org.rlarena.auth.AuthConfig;
import org.rlarena.auth.AuthError;

/** The caller's API tokens. For people alone: a program must not make itself another token. */
@Path("/api/v1/users/me/tokens")
@RolesAllowed("user")
@TokenScope(TokenScope.NEVER)
public class ApiTokenResource {

  private static final List<String> SCOPES =
      List.of(
          TokenScope.READ,
          TokenScope.AGENTS_WRITE,
          TokenScope.SUBMISSIONS_WRITE,
          TokenScope.MATCHES_WRITE);

  private final ApiTokens tokens;
  private final AuthConfig config;
  private final Caller caller;

  ApiTokenResource(ApiTokens tokens, AuthConfig config, Caller caller) {
    this.tokens = tokens;
    this.config = config;
    this.caller = caller;
  }

  /**
   * A token to be made.
   *
   * @param name what it is for, 1 to 100 characters
   * @param scopes one or more of {@code read}, {@code agents:write}, {@code submissions:write},
   *     {@code matches:write}
   * @param expiresInDays 1 up to the longest that is configured, 365 by default; null for 90
   */
  @RegisterForReflection
  public record NewToken(
      @NotBlank @Size(max = 100) String name,
      @NotEmpty @Size(max = 10) List<@NotNull String> scopes,
      @Min(1) Integer expiresInDays) {}

  /**
   * A token as its user sees it.
   *
   * @param hint its beginning and end
   * @param lastUsedAt when it was last exchanged, UTC; left out before
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TokenView(
      UUID id,
      String name,
      String hint,
      List<String> scopes,
      Instant createdAt,
      Instant expiresAt,
      Instant lastUsedAt) {

    static TokenView of(ApiToken token) {
      return new TokenView(
          token.id(),
          token.name(),
          token.hint(),
          token.scopes(),
          token.createdAt(),
          token.expiresAt(),
          token.lastUsedAt());
    }
  }

  /**
   * The answer to a creation.
   *
   * @param secret the token itself, never shown again
   */
  @RegisterForReflection
  public record CreatedToken(String secret, TokenView apiToken) {

    @Override
    public String toString() {
      return "CreatedToken[id=" + apiToken.id() + "]";
    }
  }

  /** All of them. */
  @RegisterForReflection
  public record TokenList(List<TokenView> apiTokens, int total) {}

  /**
   * Makes a token and shows it this once: 201; {@code invalid_scope}, {@code token_limit_reached}.
   */
  @POST
  @APIResponse(
      responseCode = "201",
      description = "The token, shown this once",
      content = @Content(schema = @Schema(implementation = CreatedToken.class)))
  public Response create(@Valid @NotNull NewToken wanted) {
    ApiTokens.Created created =
        tokens.create(
            caller.userId(), name(wanted.name()), scopes(wanted.scopes()), lifetime(wanted));
    return Response.status(Response.Status.CREATED)
        .header("Cache-Control", "no-store")
        .entity(new CreatedToken(created.secret(), TokenView.of(created.token())))
        .build();
  }

  /** The caller's tokens, newest first, without their secrets: 200. */
  @GET
  public TokenList list() {
    List<TokenView> own = tokens.of(caller.userId()).stream().map(TokenView::of).toList();
    return new TokenList(own, own.size());
  }

  /**
   * Revokes a token, and within two seconds in every service what it was exchanged for: 204; {@code
   * token_not_found}.
   */
  @DELETE
  @Path("/{id}")
  public void revoke(String id) {
    tokens.revoke(caller.userId(), parse(id));
  }

  private static String name(String name) {
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw AuthError.INVALID_TEXT.because("The name must not hold control characters.");
    }
    return name.strip();
  }

  private static Set<String> scopes(List<String> wanted) {
    if (!SCOPES.containsAll(wanted)) {
      throw AuthError.INVALID_SCOPE.because(
          "Give scopes out of these: " + String.join(", ", SCOPES) + ".");
    }
    return new LinkedHashSet<>(wanted);
  }

  private Duration lifetime(NewToken wanted) {
    Duration longest = config.apiTokens().maxLifetime();
    if (wanted.expiresInDays() == null) {
      Duration usual = config.apiTokens().lifetime();
      return usual.compareTo(longest) < 0 ? usual : longest;
    }
    if (wanted.expiresInDays() > longest.toDays()) {
      throw AuthError.INVALID_LIFETIME.because(
          "An API token lives at most " + longest.toDays() + " days; set expiresInDays lower.");
    }
    return Duration.ofDays(wanted.expiresInDays());
  }

  private static UUID parse(String id) {
    try {
      return UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw AuthError.TOKEN_NOT_FOUND.because("The id of an API token is a UUID. Check it.");
    }
  }
}
