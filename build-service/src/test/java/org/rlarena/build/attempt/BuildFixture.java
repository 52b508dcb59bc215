package org.rlarena.build.attempt;

import java.util.UUID;

/** Requests for builds. */
final class BuildFixture {

  private BuildFixture() {}

  static SubmissionCreated created() {
    return new SubmissionCreated(
        UUID.randomUUID(),
        UUID.randomUUID(),
        UUID.randomUUID(),
        "pong",
        1,
        1,
        new SubmissionCreated.Upload("ab".repeat(32), 10, "py"));
  }
}
