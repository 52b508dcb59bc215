package org.rlarena.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunControlTest {

  @Test
  void shouldLetARunGoOnWithinItsTime() {
    assertThatCode(new RunControl(Duration.ofMinutes(1))::check).doesNotThrowAnyException();
  }

  @Test
  void shouldFailARunThatTakesTooLong() {
    // Given
    RunControl control = new RunControl(Duration.ofNanos(-1));

    // When
    BuildFailed failure = catchThrowableOfType(BuildFailed.class, control::check);

    // Then
    assertThat(failure.reason()).isEqualTo(FailureReason.TIMEOUT);
  }

  @Test
  void shouldEndAPauseWhenItIsStopped() {
    // Given
    RunControl control = new RunControl(Duration.ofHours(1));
    Thread.ofVirtual().start(control::stop);

    // When, Then
    assertThatThrownBy(() -> control.pause(Duration.ofMinutes(10))).isInstanceOf(RunStopped.class);
  }

  @Test
  void shouldCutAMessageThatNoEventCouldCarry() {
    // Given
    String message = "x".repeat(BuildFailed.MAX_MESSAGE - 4) + "\ud83d\ude00" + "y".repeat(500);

    // When
    BuildFailed failure = new BuildFailed(FailureReason.EXCEPTION, message);

    // Then
    assertThat(failure.getMessage()).hasSizeLessThanOrEqualTo(BuildFailed.MAX_MESSAGE);
    assertThat(failure.getMessage()).isEqualTo("x".repeat(BuildFailed.MAX_MESSAGE - 4) + "...");
  }
}
