package org.rlarena.build.attempt;

import java.util.UUID;

/**
 * The right to work on an attempt.
 *
 * @param attemptId the attempt
 * @param token drawn anew for each lease; a write under any other token is refused
 */
record Lease(UUID attemptId, UUID token) {}
