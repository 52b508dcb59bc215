package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PipComplaintTest {

  @Test
  void shouldNameAPackageThatDoesNotExist() {
    assertThat(
            PipComplaint.sentence(
                List.of(
                    "ERROR: Could not find a version that satisfies the requirement nope>=2"
                        + " (from versions: none)",
                    "ERROR: No matching distribution found for nope>=2")))
        .isEqualTo(
            "requirements.txt asks for nope>=2, which cannot be installed: it does not exist, or"
                + " has no wheel for this Python and platform. Choose another version.");
  }

  @Test
  void shouldTellThatAnotherPythonIsWanted() {
    assertThat(
            PipComplaint.sentence(
                List.of(
                    "ERROR: Ignored the following versions that require a different Python"
                        + " version: 2.0 Requires-Python >=3.12",
                    "ERROR: No matching distribution found for numpy==2.0")))
        .contains("numpy==2.0", "its versions ask for another Python");
  }

  @Test
  void shouldNameContradictionsWithoutPaths() {
    assertThat(
            PipComplaint.sentence(
                List.of(
                    "ERROR: Cannot install -r /srv/work/wanted.txt (line 1) and b==2 because these"
                        + " package versions have conflicting dependencies.")))
        .contains("contradict each other: requirements.txt and b==2")
        .doesNotContain("/srv");
  }

  @Test
  void shouldPointToTheLogOtherwise() {
    assertThat(PipComplaint.sentence(List.of("ERROR: something new")))
        .contains("The build log says why");
  }
}
