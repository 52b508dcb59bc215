package org.rlarena.auth.token;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;

/** The keys with which tokens are verified (RFC 7517 section 5). */
@Path("/.well-known/jwks.json")
public class JwksResource {

  private final SigningKey key;

  JwksResource(SigningKey key) {
    this.key = key;
  }

  /** The public keys: 200, also while the database is away. */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public String get() {
    return new JsonWebKeySet(key.published()).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }
}
