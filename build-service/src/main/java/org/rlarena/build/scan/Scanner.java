package org.rlarena.build.scan;

import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Bundle;

/** Where a scanner runs: as a command beside this service, or as a Job of a cluster. */
public interface Scanner {

  /** Why it cannot scan this at all, in a sentence; empty if it can. */
  Optional<String> problem(Target target);

  /**
   * What the scanner prints: its report, and behind it what else is needed of it.
   *
   * @throws ScanFailed if it prints none
   * @throws org.rlarena.build.RunStopped if the run was stopped meanwhile
   */
  Printed scan(Target target, RunControl control);

  /**
   * What is to be scanned.
   *
   * @param runId names this run and nothing else
   * @param submissionId whose it is
   * @param agentId whose version it is
   * @param imageDigest of the image of the same, if one was made
   */
  record Target(
      UUID runId, UUID submissionId, UUID agentId, Bundle bundle, Optional<String> imageDigest) {}

  /**
   * @param ofImage whether an image was scanned, which is more than its author's files
   */
  record Printed(String text, boolean ofImage) {}
}
