package org.rlarena.build;

/**
 * This run has to end without a result: its lease was lost, a newer attempt took its place, or the
 * service stops. Whoever holds the build next starts over.
 */
public final class RunStopped extends RuntimeException {

  public RunStopped() {
    super("the run was stopped", null, false, false);
  }
}
