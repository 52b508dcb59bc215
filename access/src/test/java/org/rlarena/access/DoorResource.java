package org.rlarena.access;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;

/** Endpoints as services have them. */
@Path("/door")
public class DoorResource {

  private final Caller caller;

  DoorResource(Caller caller) {
    this.caller = caller;
  }

  @GET
  @Path("/user")
  @RolesAllowed("user")
  public String user() {
    return caller.userId() + " " + caller.username();
  }

  @GET
  @Path("/admin")
  @RolesAllowed("admin")
  public String admin() {
    return "admin";
  }

  @GET
  @Path("/internal")
  @RolesAllowed("agent:read")
  public String internal() {
    return "internal";
  }

  @GET
  @Path("/public")
  public String everybody() {
    return caller.optionalUserId().map(Object::toString).orElse("nobody");
  }

  @POST
  @Path("/agents")
  @RolesAllowed("user")
  @TokenScope(TokenScope.AGENTS_WRITE)
  public String agents() {
    return caller.userId().toString();
  }

  @POST
  @Path("/forgotten")
  @RolesAllowed("user")
  public String forgotten() {
    return "a method that nobody annotated";
  }

  @GET
  @Path("/account")
  @RolesAllowed("user")
  @TokenScope(TokenScope.NEVER)
  public String account() {
    return "for people";
  }

  @POST
  @Path("/public")
  public String open() {
    return "open";
  }
}
