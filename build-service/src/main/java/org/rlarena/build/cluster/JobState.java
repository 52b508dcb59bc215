package org.rlarena.build.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.python.PipComplaint;

/**
 * What a cluster says of a Job at one moment, and what that means: no clock, no client.
 *
 * <p>A fault is the author's only if the step that judges code and requirements said so, or used up
 * what one build may use. All else is ours and is tried again.
 *
 * @param job null if there is none
 * @param pods all of the Job's, or those seen last if it has none any more
 * @param refusal why the cluster makes no pod for it, if it said so
 */
record JobState(Job job, List<Pod> pods, Optional<String> refusal) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REFUSED_STATUS = 3;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  // BuildKit leaves a JSON object of several digests
  private static final Pattern METADATA_DIGEST =
      Pattern.compile("\"containerimage\\.digest\"\\s*:\\s*\"(sha256:[0-9a-f]{64})\"");

  /** What no patience helps against. */
  private static final Set<String> HOPELESS =
      Set.of("InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError");

  private static final Set<String> PULL_FAILED = Set.of("ErrImagePull", "ImagePullBackOff");

  /** How the kubelet tells that a pod was put out for the disk it used, not for others' sake. */
  private static final Pattern OWN_DISK =
      Pattern.compile(
          "EmptyDir volume|local ephemeral storage limit|ephemeral local storage usage exceeds");

  /** What the second step leaves behind when it refuses: reason and message, or pip's words. */
  @RegisterForReflection
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Told(String reason, String message, List<String> pip) {}

  /**
   * @param now the time at which the state was read
   * @param patience longest time in which nothing of a Job runs
   */
  Judgement judge(Instant now, Duration patience) {
    if (job == null || job.getMetadata().getDeletionTimestamp() != null) {
      return new Judgement.Broken("The build's Job was removed.");
    }
    if (jobIs("Complete").isPresent() || jobIs("SuccessCriteriaMet").isPresent()) {
      return digest()
          .<Judgement>map(Judgement.Succeeded::new)
          .orElseGet(() -> new Judgement.Broken("The builder did not tell what it made."));
    }
    return Stream.of(refused(), lost(), failedStep(), failedJob(), hopeless(), quiet(now, patience))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(this::unfinished);
  }

  private Optional<String> digest() {
    return pods.stream()
        .map(pod -> ended(pod, BuildJobs.BUILDER))
        .flatMap(Optional::stream)
        .filter(end -> end.getExitCode() == 0 && end.getMessage() != null)
        .map(end -> digest(end.getMessage()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> digest(String message) {
    Matcher metadata = METADATA_DIGEST.matcher(message);
    if (metadata.find()) {
      return Optional.of(metadata.group(1));
    }
    return Optional.of(message.strip()).filter(text -> DIGEST.matcher(text).matches());
  }

  /** The author's faults. */
  private Optional<Judgement> refused() {
    Optional<ContainerStateTerminated> packages =
        newest().flatMap(pod -> ended(pod, BuildJobs.PACKAGES));
    if (packages.filter(end -> end.getExitCode() == REFUSED_STATUS).isPresent()) {
      return Optional.of(told(packages.get().getMessage()));
    }
    if (packages.filter(end -> "OOMKilled".equals(end.getReason())).isPresent()) {
      return refused(
          FailureReason.REQUIREMENTS,
          "The packages of requirements.txt need more memory than a build has. Ask for fewer or"
              + " smaller ones.");
    }
    boolean ownDisk =
        newest()
            .map(Pod::getStatus)
            .filter(status -> "Evicted".equals(status.getReason()) && status.getMessage() != null)
            .filter(status -> OWN_DISK.matcher(status.getMessage()).find())
            .isPresent();
    if (ownDisk) {
      return refused(
          FailureReason.REQUIREMENTS,
          "Code and packages need more disk than a build has. Ask for fewer or smaller packages.");
    }
    if (failureReason().filter("DeadlineExceeded"::equals).isPresent() && packagesTookTheTime()) {
      return refused(
          FailureReason.TIMEOUT,
          "The build took too long. Ask for fewer or smaller packages and upload again.");
    }
    return Optional.empty();
  }

  /**
   * Whether the step that the author's requirements decide ran for more than half of the Job's
   * time. Otherwise it was a cluster without room, or a registry that is slow.
   */
  private boolean packagesTookTheTime() {
    Duration allowed = Duration.ofSeconds(job.getSpec().getActiveDeadlineSeconds());
    Instant over = Instant.parse(job.getStatus().getStartTime()).plus(allowed);
    return newest()
        .flatMap(pod -> started(pod, BuildJobs.PACKAGES))
        .flatMap(status -> runningTime(status.getState(), over))
        .filter(time -> time.multipliedBy(2).compareTo(allowed) > 0)
        .isPresent();
  }

  /** Of a step that was started, until it ended or its time was over. */
  private static Optional<Duration> runningTime(ContainerState state, Instant over) {
    ContainerStateTerminated end = state.getTerminated();
    String from = end == null ? state.getRunning().getStartedAt() : end.getStartedAt();
    Instant to = end == null ? over : Instant.parse(end.getFinishedAt());
    return Optional.ofNullable(from).map(start -> Duration.between(Instant.parse(start), to));
  }

  private static Judgement told(String message) {
    try {
      Told told = JSON.readValue(Objects.toString(message, "{}"), Told.class);
      if (told.pip() != null) {
        return new Judgement.Refused(PipComplaint.failure(told.pip()));
      }
      for (FailureReason reason :
          List.of(FailureReason.SYNTAX_ERROR, FailureReason.REQUIREMENTS, FailureReason.TIMEOUT)) {
        if (reason.wireName().equals(told.reason())) {
          return new Judgement.Refused(new BuildFailed(reason, told.message()));
        }
      }
      return new Judgement.Broken("The build's verdict cannot be read.");
    } catch (PlatformFault fault) {
      return new Judgement.Broken(fault.getMessage());
    } catch (JsonProcessingException e) {
      return new Judgement.Broken("The build's verdict cannot be read.");
    }
  }

  /** A machine that died, is drained or has no room any more. */
  private Optional<Judgement> lost() {
    return newest()
        .filter(
            pod ->
                podIs(pod, "DisruptionTarget")
                    || "Unknown".equals(pod.getStatus().getPhase())
                    || (isFailed(pod) && pod.getStatus().getReason() != null))
        .map(pod -> new Judgement.Broken("The machine that the build ran on was lost."));
  }

  private Optional<Judgement> failedStep() {
    return newest()
        .filter(pod -> isFailed(pod) || failureReason().isPresent())
        .flatMap(
            pod ->
                statuses(pod)
                    .filter(status -> status.getState() != null)
                    .filter(status -> status.getState().getTerminated() != null)
                    .filter(status -> status.getState().getTerminated().getExitCode() != 0)
                    .findFirst())
        .map(
            status ->
                new Judgement.Broken(
                    switch (status.getName()) {
                      case BuildJobs.SOURCE -> "The upload could not be fetched.";
                      case BuildJobs.PACKAGES -> "The packages could not be collected.";
                      case BuildJobs.HAND_OVER -> "The packages could not be handed over.";
                      default -> "The image could not be made or pushed.";
                    }));
  }

  private Optional<Judgement> failedJob() {
    return failureReason()
        .map(
            reason ->
                new Judgement.Broken(
                    reason.equals("DeadlineExceeded")
                        ? "The cluster did not run the build in time."
                        : "The build's pod was lost."));
  }

  private Optional<Judgement> hopeless() {
    return waitingFor(HOPELESS)
        .map(reason -> new Judgement.Broken("The cluster cannot start a step of the build."));
  }

  private Optional<Judgement> quiet(Instant now, Duration patience) {
    boolean runs = pods.stream().flatMap(JobState::statuses).anyMatch(JobState::isRunning);
    Instant last =
        Stream.concat(
                Stream.of(job.getMetadata().getCreationTimestamp()),
                pods.stream().flatMap(JobState::times))
            .filter(Objects::nonNull)
            .map(Instant::parse)
            .max(Comparator.naturalOrder())
            .orElse(now);
    return runs || now.isBefore(last.plus(patience))
        ? Optional.empty()
        : Optional.of(
            new Judgement.Broken(
                waitingFor(PULL_FAILED).isPresent()
                    ? "The cluster cannot fetch an image that the build needs."
                    : "The cluster had no room for the build."));
  }

  private Judgement unfinished() {
    if (waitingFor(PULL_FAILED).isPresent()) {
      return new Judgement.Waiting("Waiting for an image that the build needs.");
    }
    return refusal.isPresent() && pods.isEmpty()
        ? new Judgement.Waiting("Waiting for room in the cluster.")
        : new Judgement.Running();
  }

  private static Optional<Judgement> refused(FailureReason reason, String sentence) {
    return Optional.of(new Judgement.Refused(new BuildFailed(reason, sentence)));
  }

  /** The reason of the condition by which a Job tells that it has failed or is about to. */
  private Optional<String> failureReason() {
    return jobIs("Failed").or(() -> jobIs("FailureTarget"));
  }

  private Optional<String> jobIs(String type) {
    return job.getStatus() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(one -> one.getType().equals(type) && "True".equals(one.getStatus()))
            .map(one -> Objects.toString(one.getReason(), ""))
            .findFirst();
  }

  private static boolean podIs(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(one -> one.getType().equals(type) && "True".equals(one.getStatus()));
  }

  private static boolean isFailed(Pod pod) {
    return "Failed".equals(pod.getStatus().getPhase());
  }

  private Optional<Pod> newest() {
    return pods.stream()
        .filter(pod -> pod.getStatus() != null)
        .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
  }

  /** Of all containers of a pod, in the order in which they run. */
  static Stream<ContainerStatus> statuses(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream());
  }

  private static Optional<ContainerStatus> started(Pod pod, String container) {
    return statuses(pod)
        .filter(status -> status.getName().equals(container))
        .filter(status -> isRunning(status) || status.getState().getTerminated() != null)
        .findFirst();
  }

  private static Optional<ContainerStateTerminated> ended(Pod pod, String container) {
    return started(pod, container).map(status -> status.getState().getTerminated());
  }

  private static boolean isRunning(ContainerStatus status) {
    return status.getState() != null && status.getState().getRunning() != null;
  }

  private Optional<String> waitingFor(Set<String> reasons) {
    return pods.stream()
        .flatMap(JobState::statuses)
        .map(status -> status.getState() == null ? null : status.getState().getWaiting())
        .filter(Objects::nonNull)
        .map(ContainerStateWaiting::getReason)
        .filter(reason -> reason != null && reasons.contains(reason))
        .findFirst();
  }

  private static Stream<String> times(Pod pod) {
    return Stream.concat(
        Stream.of(pod.getMetadata().getCreationTimestamp()),
        statuses(pod)
            .filter(status -> status.getState() != null)
            .map(status -> status.getState().getTerminated())
            .filter(Objects::nonNull)
            .map(ContainerStateTerminated::getFinishedAt));
  }
}
