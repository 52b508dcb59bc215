package org.rlarena.auth.user;

import java.util.UUID;

/** An account is being deleted, in the running transaction. */
public record AccountDeleted(UUID userId) {}
