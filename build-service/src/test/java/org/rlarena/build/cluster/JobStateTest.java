package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.FailureReason;

/** Whose fault it is. */
class JobStateTest {

  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String DIGEST = "sha256:" + "d".repeat(64);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s",
        "%s\n",
        "{\"containerimage.config.digest\": \"sha256:00\", \"containerimage.digest\": \"%s\"}"
      })
  void shouldReadTheDigestAsEachBuilderTellsIt(String told) {
    // Given
    Pod pod =
        pod("Succeeded", TestCluster.ended("builder", 0, "Completed", told.formatted(DIGEST)));

    // When, Then
    assertThat(judge(job("Complete", ""), pod)).isEqualTo(new Judgement.Succeeded(DIGEST));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:12", "pushed"})
  void shouldTryAnewWithoutADigest(String told) {
    // Given
    Pod pod = pod("Succeeded", TestCluster.ended("builder", 0, "Completed", told));

    // When, Then
    assertThat(judge(job("Complete", ""), pod)).isInstanceOf(Judgement.Broken.class);
  }

  @Test
  void shouldTellPipsComplaintInTheAuthorsWords() {
    // Given
    Pod pod =
        pod("Failed", refused("{\"pip\": [\"ERROR: No matching distribution found for nope\"]}"));

    // When, Then
    assertThat(judge(job(), pod))
        .isInstanceOfSatisfying(
            Judgement.Refused.class,
            it -> {
              assertThat(it.failure().reason()).isEqualTo(FailureReason.REQUIREMENTS);
              assertThat(it.failure()).hasMessageContaining("nope");
            });
  }

  @Test
  void shouldNotBlameTheAuthorForAnIndexThatIsAway() {
    // Given
    Pod pod =
        pod(
            "Failed",
            refused(
                "{\"pip\": [\"WARNING: Retrying (Retry(total=4\","
                    + " \"ERROR: No matching distribution found for numpy\"]}"));

    // When, Then
    assertThat(judge(job(), pod))
        .isEqualTo(new Judgement.Broken("The package index could not be read."));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{}",
        "{\"reason\": \"blocked_by_scan\", \"message\": \"x\"}",
        "{\"reason\": \"platform_fault\", \"message\": \"x\"}"
      })
  void shouldBelieveNoVerdictThatTheStepCannotReach(String told) {
    assertThat(judge(job(), pod("Failed", refused(told)))).isInstanceOf(Judgement.Broken.class);
  }

  @ParameterizedTest
  @CsvSource({"packages, true", "builder, false", "source, false"})
  void shouldBlameTheAuthorForMemoryOfPackagesAlone(String container, boolean refused) {
    // Given
    Pod pod = pod("Failed", TestCluster.ended(container, 137, "OOMKilled", null));

    // When, Then
    assertThat(judge(job(), pod) instanceof Judgement.Refused).isEqualTo(refused);
  }

  @ParameterizedTest
  @CsvSource({
    "Usage of EmptyDir volume \"workspace\" exceeds the limit \"10Gi\"., true",
    "Pod ephemeral local storage usage exceeds the total limit of containers 10Gi., true",
    "Container builder exceeded its local ephemeral storage limit \"10Gi\"., true",
    "The node was low on resource: ephemeral-storage., false"
  })
  void shouldBlameTheAuthorForItsOwnDiskAlone(String told, boolean refused) {
    // Given
    Pod pod = pod("Failed");
    pod.getStatus().setReason("Evicted");
    pod.getStatus().setMessage(told);

    // When, Then
    assertThat(judge(job(), pod) instanceof Judgement.Refused).isEqualTo(refused);
  }

  @ParameterizedTest
  @CsvSource({
    // minutes after the Job's start, of its 15
    "1, , true", // for most of the time, and to its end
    "1, 12, true", // the image then had no time left
    "12, , false", // the cluster had no room before
    "1, 2, false" // the registry is slow
  })
  void shouldBlameTheAuthorForTheTimeOfPackagesAlone(int from, Integer to, boolean refused) {
    // Given
    Job job = job("FailureTarget", "DeadlineExceeded");
    ContainerStatus packages = TestCluster.running("packages", minute(from));
    if (to != null) {
      packages =
          new ContainerStatusBuilder(TestCluster.done("packages"))
              .editState()
              .editTerminated()
              .withStartedAt(minute(from).toString())
              .withFinishedAt(minute(to).toString())
              .endTerminated()
              .endState()
              .build();
    }

    // When, Then
    assertThat(judge(job, pod("Running", packages)) instanceof Judgement.Refused)
        .isEqualTo(refused);
  }

  @ParameterizedTest
  @CsvSource({
    "source, could not be fetched",
    "packages, could not be collected",
    "hand-over, could not be handed over",
    "builder, could not be made or pushed"
  })
  void shouldTellWhichStepFailed(String container, String told) {
    // Given
    Pod pod = pod("Failed", TestCluster.ended(container, 1, "Error", null));

    // When, Then
    assertThat(judge(job(), pod))
        .isInstanceOfSatisfying(
            Judgement.Broken.class, it -> assertThat(it.sentence()).contains(told));
  }

  @Test
  void shouldWaitForAPodUnderWay() {
    assertThat(judge(job(), pod("Running", TestCluster.running("builder"))))
        .isEqualTo(new Judgement.Running());
  }

  @Test
  void shouldLoseAPodOfAnUnknownState() {
    assertThat(judge(job(), pod("Unknown", TestCluster.running("builder"))))
        .isInstanceOf(Judgement.Broken.class);
  }

  private static Judgement judge(Job job, Pod pod) {
    return new JobState(job, List.of(pod), Optional.empty()).judge(NOW, PATIENCE);
  }

  private static ContainerStatus refused(String told) {
    return TestCluster.ended("packages", 3, "Error", told);
  }

  private static Job job() {
    return new JobBuilder()
        .withNewMetadata()
        .withName("build")
        .withCreationTimestamp(NOW.toString())
        .endMetadata()
        .withNewSpec()
        .withActiveDeadlineSeconds(Duration.ofMinutes(15).toSeconds())
        .endSpec()
        .build();
  }

  private static Job job(String condition, String reason) {
    return new JobBuilder(job())
        .withNewStatus()
        .withStartTime(NOW.toString())
        .addNewCondition()
        .withType(condition)
        .withStatus("True")
        .withReason(reason)
        .endCondition()
        .endStatus()
        .build();
  }

  private static Instant minute(int number) {
    return NOW.plus(Duration.ofMinutes(number));
  }

  private static Pod pod(String phase, ContainerStatus... states) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("pod")
        .withCreationTimestamp(NOW.toString())
        .endMetadata()
        .withNewStatus()
        .withPhase(phase)
        .withContainerStatuses(states)
        .endStatus()
        .build();
  }
}
