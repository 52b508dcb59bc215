package org.rlarena.auth.token;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jboss.resteasy.reactive.RestForm;
import org.rlarena.auth.AuthConfig;
import org.rlarena.auth.AuthError;

/**
 * Tokens for services, by client credentials (RFC 6749 section 4.4). The gateway never routes here.
 */
@Path("/internal/token")
public class ServiceTokenResource {

  private final AuthConfig config;
  private final Tokens tokens;

  ServiceTokenResource(AuthConfig config, Tokens tokens) {
    this.config = config;
    this.tokens = tokens;
  }

  /**
   * The answer of RFC 6749 section 5.1.
   *
   * @param expiresIn seconds
   */
  @RegisterForReflection
  public record Granted(
      @JsonProperty("access_token") String accessToken,
      @JsonProperty("token_type") String tokenType,
      @JsonProperty("expires_in") long expiresIn) {

    @Override
    public String toString() {
      return "Granted[expiresIn=" + expiresIn + "]";
    }
  }

  /**
   * A token for one audience and scope: 200; {@code invalid_client} for a wrong secret, {@code
   * unauthorized_client} for something this service may not do.
   */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Granted grant(
      @HeaderParam("Authorization") String authorization,
      @RestForm String audience,
      @RestForm String scope) {
    String service = authenticated(authorization);
    AuthConfig.Client client = config.clients().get(service);
    if (!client.may().contains(audience + "/" + scope)) {
      throw AuthError.UNAUTHORIZED_CLIENT.because(
          service + " may not ask for this scope at this service.");
    }
    return new Granted(
        tokens.forService(service, audience, scope),
        "Bearer",
        config.serviceTokenLifetime().toSeconds());
  }

  private String authenticated(String authorization) {
    if (authorization != null && authorization.startsWith("Basic ")) {
      String[] given = decode(authorization.substring("Basic ".length())).split(":", 2);
      AuthConfig.Client client = config.clients().get(given[0]);
      if (given.length == 2 && client != null && same(given[1], client.secret())) {
        return given[0];
      }
    }
    throw AuthError.INVALID_CLIENT.because("Present your service's name and secret as Basic.");
  }

  private static String decode(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static boolean same(String given, String secret) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
  }
}
