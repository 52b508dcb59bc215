package org.rlarena.build.attempt;

import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.source.Source;

/**
 * What a worker needs to know of the attempt it holds.
 *
 * @param number of the attempt, 1 at first
 * @param faults runs of this attempt that ended by a fault of the platform
 * @param bundle stored by an earlier run of this attempt, if one came so far
 * @param imageDigest of the image that was made with it, if one was
 * @param signedDigest of the image that was signed last, if one was
 * @param resumed whether an earlier run of this attempt did not end
 * @param traceparent trace of the request that asked for the build
 */
record LeasedAttempt(
    Lease lease,
    UUID submissionId,
    UUID agentId,
    String environmentId,
    int version,
    int number,
    int faults,
    Source source,
    Optional<Bundle> bundle,
    Optional<String> imageDigest,
    Optional<String> signedDigest,
    boolean resumed,
    Optional<String> traceparent) {}
