package org.rlarena.auth.apitoken;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import org.rlarena.auth.AuthError;

/** Short signed tokens for API tokens. */
@Path("/api/v1/auth/token")
public class ExchangeResource {

  private final ApiTokens tokens;

  ExchangeResource(ApiTokens tokens) {
    this.tokens = tokens;
  }

  /** An API token to be exchanged. */
  @RegisterForReflection
  public record Exchange(@NotBlank @Size(max = 200) String apiToken) {

    @Override
    public String toString() {
      return "Exchange[]";
    }
  }

  /**
   * What a program shows to services until it expires.
   *
   * @param token bearer token, valid for 15 minutes by default
   * @param expiresAt UTC
   * @param scopes what it may do
   */
  @RegisterForReflection
  public record ExchangedToken(String token, Instant expiresAt, List<String> scopes) {

    @Override
    public String toString() {
      return "ExchangedToken[expiresAt=" + expiresAt + "]";
    }
  }

  /**
   * A short token with the scopes of the API token: 200; {@code api_token_invalid} when it is
   * unknown, expired or revoked, or its user is banned.
   */
  @POST
  public ExchangedToken exchange(@Valid @NotNull Exchange request) {
    return tokens
        .exchange(request.apiToken())
        .map(
            exchanged ->
                new ExchangedToken(
                    exchanged.token().token(), exchanged.token().expiresAt(), exchanged.scopes()))
        .orElseThrow(
            () ->
                AuthError.API_TOKEN_INVALID.because(
                    "This API token is unknown, expired or revoked. Make a new one."));
  }
}
