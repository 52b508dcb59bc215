package org.rlarena.auth.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.UUID;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.user.AdminUserView;
import org.rlarena.auth.user.Moderation;

/**
 * Accounts, for administrators. Every deed wants a {@code reason} of 3 to 500 characters ({@code
 * invalid_reason}).
 */
@Path("/api/v1/admin/users")
@RolesAllowed("admin")
public class AdminUserResource {

  private static final int USUAL_PAGE = 20;

  private final Moderation moderation;
  private final Caller caller;

  AdminUserResource(Moderation moderation, Caller caller) {
    this.moderation = moderation;
    this.caller = caller;
  }

  /** The envelope of one account. */
  @RegisterForReflection
  public record OneUser(AdminUserView user) {}

  /** Another role. */
  @RegisterForReflection
  public record NewRole(String role, String reason) {}

  /** Accounts whose name or address begins with {@code search}; all without it: 200. */
  @GET
  public AdminUserView.Found search(
      @QueryParam("search") String search,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize) {
    String beginning = search == null ? "" : search.strip();
    if (beginning.indexOf('\0') >= 0) {
      throw AuthError.INVALID_PARAMETER.because("Text must not hold the character U+0000.");
    }
    return moderation.search(
        beginning, number("page", page, 1), number("pageSize", pageSize, USUAL_PAGE));
  }

  /** One account: 200, {@code user_not_found}. */
  @GET
  @Path("/{id}")
  public OneUser one(String id) {
    return new OneUser(moderation.one(parse(id)));
  }

  /** Bans a user and ends all sessions: 200, {@code already_banned}, {@code not_yourself}. */
  @POST
  @Path("/{id}/ban")
  public OneUser ban(String id, AuditLog.Why why) {
    return new OneUser(moderation.ban(caller, parse(id), AuditLog.Why.reason(why)));
  }

  /** Lets a banned user act again: 200, {@code not_banned}. */
  @POST
  @Path("/{id}/unban")
  public OneUser unban(String id, AuditLog.Why why) {
    return new OneUser(moderation.unban(caller, parse(id), AuditLog.Why.reason(why)));
  }

  /** Ends all sessions and tokens of a user: 200. */
  @POST
  @Path("/{id}/end-sessions")
  public OneUser endSessions(String id, AuditLog.Why why) {
    return new OneUser(moderation.endSessions(caller, parse(id), AuditLog.Why.reason(why)));
  }

  /** Changes the role: 200, {@code invalid_role}, {@code role_unchanged}, {@code not_yourself}. */
  @PUT
  @Path("/{id}/role")
  public OneUser role(String id, NewRole wanted) {
    String reason = AuditLog.checked(wanted == null ? null : wanted.reason());
    return new OneUser(moderation.appoint(caller, parse(id), wanted.role(), reason));
  }

  private static UUID parse(String id) {
    try {
      return UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw AuthError.USER_NOT_FOUND.because("The id of a user is a UUID. Check it.");
    }
  }

  private static int number(String name, String text, int usual) {
    if (text == null || text.isEmpty()) {
      return usual;
    }
    try {
      return Math.clamp(Long.parseLong(text), 1, Integer.MAX_VALUE);
    } catch (NumberFormatException e) {
      throw AuthError.INVALID_PARAMETER.because(
          "The query parameter " + name + " must be a number.");
    }
  }
}
