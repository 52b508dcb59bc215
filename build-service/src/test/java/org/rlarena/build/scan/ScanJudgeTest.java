package org.rlarena.build.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.testing.TestConfig;

/** What becomes of a build for its verdict, or for want of one. */
class ScanJudgeTest {

  @ParameterizedTest
  @CsvSource({
    "none, allow, UNAVAILABLE",
    "none, pass, UNAVAILABLE",
    "trivy, allow, UNAVAILABLE",
    "trivy, allow, FAILED",
    "trivy, block, PASSED"
  })
  void shouldLetItPlay(String scanner, String unavailable, ScanStatus status) {
    assertThatCode(() -> judge(scanner, unavailable, status)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"allow", "block"})
  void shouldRefuseWhatIsBlocked(String unavailable) {
    BuildFailed failed =
        catchThrowableOfType(
            BuildFailed.class, () -> judge("trivy", unavailable, ScanStatus.BLOCKED));
    assertThat(failed.reason()).isEqualTo(FailureReason.BLOCKED_BY_SCAN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"block", "fail"})
  void shouldRefuseWhatNothingWillEverScan(String unavailable) {
    BuildFailed failed =
        catchThrowableOfType(
            BuildFailed.class, () -> judge("none", unavailable, ScanStatus.UNAVAILABLE));
    assertThat(failed.reason()).isEqualTo(FailureReason.BLOCKED_BY_SCAN);
  }

  @ParameterizedTest
  @CsvSource({"block, FAILED", "block, UNAVAILABLE", "fail, FAILED"})
  void shouldTryAgainWhatAScannerMayJudgeLater(String unavailable, ScanStatus status) {
    assertThat(catchThrowableOfType(PlatformFault.class, () -> judge("trivy", unavailable, status)))
        .isNotNull();
  }

  @Test
  void shouldAllowByDefaultAndScanNothing() {
    ScanConfig config = TestConfig.scan(Map.of());
    assertThat(config.scanner()).isEqualTo(ScannerKind.NONE);
    assertThat(config.unavailable().blocks()).isFalse();
    assertThat(config.blockFixable()).isEqualTo(ScanConfig.Threshold.CRITICAL);
    assertThat(config.blockAny()).isEqualTo(ScanConfig.Threshold.NONE);
  }

  private static void judge(String scanner, String unavailable, ScanStatus status) {
    ScanConfig config =
        TestConfig.scan(
            Map.of(
                "arena.build.scan.scanner", scanner, "arena.build.scan.unavailable", unavailable));
    new Scan(config, null, new SimpleMeterRegistry(), Clock.systemUTC())
        .judge(new Verdict(status, "Because.", Optional.empty()));
  }
}
