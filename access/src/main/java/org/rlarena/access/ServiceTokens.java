package org.rlarena.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * This service's own tokens for calling others: client credentials (RFC 6749 section 4.4) at
 * auth-service, one token per called service and scope, reused until shortly before it expires.
 */
@ApplicationScoped
public class ServiceTokens {

  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final AccessConfig config;
  private final ObjectMapper json;
  private final String serviceName;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final Map<Wanted, Held> tokens = new ConcurrentHashMap<>();

  ServiceTokens(
      AccessConfig config,
      ObjectMapper json,
      @ConfigProperty(name = "quarkus.application.name") String serviceName) {
    this.config = config;
    this.json = json;
    this.serviceName = serviceName;
  }

  /**
   * Value of an {@code Authorization} header.
   *
   * @param audience the called service, such as {@code agent-service}
   * @param scope what is to be done there, such as {@code agent:read}
   * @throws ServiceTokenUnavailable when auth-service does not answer or refuses
   */
  public String bearer(String audience, String scope) {
    Wanted wanted = new Wanted(audience, scope);
    Held held = tokens.get(wanted);
    if (held == null || held.renewAt.isBefore(Instant.now())) {
      held = request(wanted);
      tokens.put(wanted, held);
    }
    return "Bearer " + held.token;
  }

  private Held request(Wanted wanted) {
    String secret =
        config
            .clientSecret()
            .orElseThrow(
                () -> new ServiceTokenUnavailable("arena.access.client-secret is not set", null));
    String credentials =
        Base64.getEncoder()
            .encodeToString((serviceName + ":" + secret).getBytes(StandardCharsets.UTF_8));
    String form =
        "grant_type=client_credentials&audience=%s&scope=%s"
            .formatted(encode(wanted.audience), encode(wanted.scope));
    HttpRequest request =
        HttpRequest.newBuilder(config.authUrl().resolve("/internal/token"))
            .timeout(TIMEOUT)
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new ServiceTokenUnavailable(
            "auth-service answered " + response.statusCode() + " to " + serviceName, null);
      }
      Granted granted = json.readValue(response.body(), Granted.class);
      Instant renewAt = Instant.now().plusSeconds(granted.expiresIn).minus(MARGIN);
      return new Held(granted.accessToken, renewAt);
    } catch (IOException e) {
      throw new ServiceTokenUnavailable("auth-service does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceTokenUnavailable("interrupted", e);
    }
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private record Wanted(String audience, String scope) {}

  private record Held(String token, Instant renewAt) {
    @Override
    public String toString() {
      return "Held[renewAt=" + renewAt + "]";
    }
  }

  @io.quarkus.runtime.annotations.RegisterForReflection
  @com.fasterxml.jackson.annotation.JsonIgnoreProperties(ignoreUnknown = true)
  record Granted(
      @JsonProperty("access_token") String accessToken,
      @JsonProperty("expires_in") long expiresIn) {
    @Override
    public String toString() {
      return "Granted[expiresIn=" + expiresIn + "]";
    }
  }
}
