package org.rlarena.access;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Holds programs to the scopes of their API token, see {@link TokenScope}. It runs behind the check
 * of roles, in every service, so that a method somebody forgot to annotate is closed to programs
 * and not open. Methods that ask for no role show everybody the same and are not looked at.
 */
class ScopeFilter {

  /** Stands for methods without a role. */
  private static final String OPEN = "open";

  private final CurrentIdentityAssociation identities;
  private final Map<Method, String> needed = new ConcurrentHashMap<>();

  ScopeFilter(CurrentIdentityAssociation identities) {
    this.identities = identities;
  }

  @ServerRequestFilter
  Uni<Response> check(ResourceInfo resource) {
    String scope = needed.computeIfAbsent(resource.getResourceMethod(), ScopeFilter::neededFor);
    if (scope.equals(OPEN)) {
      return Uni.createFrom().nullItem();
    }
    return identities.getDeferredIdentity().map(identity -> refusal(identity, scope));
  }

  private static Response refusal(SecurityIdentity identity, String scope) {
    if (!(identity.getPrincipal() instanceof JsonWebToken token)
        || !TokenVerifier.API.equals(token.getClaim(TokenVerifier.TYPE))
        || TokenVerifier.scopes(token).contains(scope)) {
      return null;
    }
    boolean never = scope.equals(TokenScope.NEVER);
    return HttpProblem.builder()
        .withStatus(Status.FORBIDDEN)
        .withTitle(Status.FORBIDDEN.getReasonPhrase())
        .withDetail(
            never
                ? "This is not for API tokens. Log in with your password instead."
                : "This needs an API token with the scope " + scope + ".")
        .with("code", "insufficient_scope")
        // RFC 6750 section 3.1
        .withHeader(
            HttpHeaders.WWW_AUTHENTICATE,
            "Bearer error=\"insufficient_scope\"" + (never ? "" : ", scope=\"" + scope + "\""))
        .build()
        .toResponse();
  }

  private static String neededFor(Method method) {
    Class<?> type = method.getDeclaringClass();
    if (!method.isAnnotationPresent(RolesAllowed.class)
        && !type.isAnnotationPresent(RolesAllowed.class)) {
      return OPEN;
    }
    if (method.isAnnotationPresent(TokenScope.class)) {
      return method.getAnnotation(TokenScope.class).value();
    }
    if (type.isAnnotationPresent(TokenScope.class)) {
      return type.getAnnotation(TokenScope.class).value();
    }
    return method.isAnnotationPresent(GET.class) || method.isAnnotationPresent(HEAD.class)
        ? TokenScope.READ
        : TokenScope.NEVER;
  }
}
