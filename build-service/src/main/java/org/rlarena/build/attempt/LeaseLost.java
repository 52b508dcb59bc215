package org.rlarena.build.attempt;

/** A write under a lease that is no longer held; nothing was changed. */
final class LeaseLost extends RuntimeException {

  LeaseLost(Lease lease) {
    super("lease lost, attemptId=" + lease.attemptId(), null, false, false);
  }
}
