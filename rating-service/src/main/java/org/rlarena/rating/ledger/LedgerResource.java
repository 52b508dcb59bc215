package org.rlarena.rating.ledger;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What operators and checkers ask of the ledger. */
@Path("/internal/ledger")
@RolesAllowed("ledger:read")
@Tag(name = "ledger")
public class LedgerResource {

  private final LedgerVerification verification;

  LedgerResource(LedgerVerification verification) {
    this.verification = verification;
  }

  /** Takes time in proportion to the ledger. */
  @GET
  @Path("verification")
  @Operation(summary = "Replays the ledger and compares it with what is stored")
  public LedgerVerification.Report verify() {
    return verification.verify();
  }
}
