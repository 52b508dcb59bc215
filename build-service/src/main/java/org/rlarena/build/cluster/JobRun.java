package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.log.BuildLog;

/**
 * Sees Jobs through from their creation to their end. What a Job's state means is told by {@link
 * JobState}; here is only what to do about it, and about an API server that does not answer: a Job
 * goes on without it, so nothing is given up before the run's own deadline.
 */
final class JobRun {

  private static final Logger LOG = Logger.getLogger(JobRun.class);

  // the change that could not be read may be the last one, which no watch tells again
  private static final Duration SOON = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final String namespace;
  private final BuildJobs jobs;
  private final JobWatch watch;
  private final ClusterConfig config;
  private final Clock clock;

  JobRun(
      KubernetesClient client,
      String namespace,
      BuildJobs jobs,
      JobWatch watch,
      ClusterConfig config,
      Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.jobs = jobs;
    this.watch = watch;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Makes the Job, or takes over the one that a run before has made, and waits for its end.
   *
   * @param token draws a token for the Job of this name
   * @return digest of the image
   * @throws BuildFailed for a fault of the author's
   * @throws PlatformFault for all others; the Job is then removed
   * @throws org.rlarena.build.RunStopped leaving the Job to whoever goes on
   */
  String run(
      Builder.Request request, Function<String, String> token, BuildLog log, RunControl control) {
    String name = BuildJobs.name(request.attemptId(), request.faults());
    watch.wake(name, control);
    try {
      boolean mine = create(request, name, token);
      log.note(mine ? "Asked the cluster for a build." : "The cluster builds already.");
      try (PodLogs output = new PodLogs(client, namespace, log, !mine)) {
        return await(request, output, log, control);
      }
    } catch (PlatformFault fault) {
      remove(name);
      throw fault;
    } finally {
      watch.forget(name, control);
    }
  }

  /** True if the Job is new; false if it was there. */
  private boolean create(Builder.Request request, String name, Function<String, String> token) {
    try {
      if (job(name) != null) {
        return false;
      }
      Job job = jobs.job(request, token.apply(name));
      client.batch().v1().jobs().inNamespace(namespace).resource(job).create();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // the answer to an earlier try was lost on its way
        return false;
      }
      throw new PlatformFault(
          isQuota(e)
              ? "The cluster has no room for another build."
              : "The cluster could not be asked for a build.",
          e);
    }
  }

  private String await(Builder.Request request, PodLogs output, BuildLog log, RunControl control) {
    String name = BuildJobs.name(request.attemptId(), request.faults());
    Notes notes = new Notes(log);
    List<Pod> seen = List.of();
    while (true) {
      Judgement judgement;
      try {
        JobState state = read(request, name, seen);
        seen = state.pods();
        output.follow(seen);
        state.refusal().ifPresent(reason -> notes.warnOnce(name, reason));
        judgement = state.judge(clock.instant(), config.startTimeout());
      } catch (KubernetesClientException e) {
        LOG.debugf("Job not read, job=%s: %s", name, e);
        judgement = new Judgement.Waiting("The cluster does not answer; waiting for it.");
      }
      switch (judgement) {
        case Judgement.Running _ -> pause(config.reconcileInterval(), control);
        case Judgement.Waiting waiting -> {
          notes.noteOnce(waiting.sentence());
          pause(Collections.min(List.of(SOON, config.reconcileInterval())), control);
        }
        case Judgement.Succeeded succeeded -> {
          return succeeded.digest();
        }
        case Judgement.Refused refused -> throw refused.failure();
        case Judgement.Broken broken -> throw new PlatformFault(broken.sentence());
      }
    }
  }

  private static void pause(Duration time, RunControl control) {
    try {
      control.pause(time);
    } catch (BuildFailed late) {
      // the Job's own deadline is shorter: what did not answer until now is the cluster
      throw new PlatformFault("The cluster did not end the build in time.", late);
    }
  }

  private JobState read(Builder.Request request, String name, List<Pod> seen) {
    Job job = job(name);
    if (job == null) {
      return new JobState(null, seen, Optional.empty());
    }
    List<Pod> pods =
        client
            .pods()
            .inNamespace(namespace)
            .withLabel(BuildJobs.ATTEMPT_LABEL, request.attemptId().toString())
            .withLabel(BuildJobs.TRY_LABEL, String.valueOf(request.faults()))
            .list()
            .getItems();
    return pods.isEmpty()
        ? new JobState(job, seen, seen.isEmpty() ? refusal(name) : Optional.empty())
        : new JobState(job, pods, Optional.empty());
  }

  private Job job(String name) {
    return client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
  }

  /** Why the Job controller makes no pod: a quota or a policy refuses it. */
  private Optional<String> refusal(String name) {
    return client
        .v1()
        .events()
        .inNamespace(namespace)
        .withField("involvedObject.name", name)
        .list()
        .getItems()
        .stream()
        .filter(event -> "FailedCreate".equals(event.getReason()))
        .map(Event::getMessage)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private void remove(String name) {
    try {
      client
          .batch()
          .v1()
          .jobs()
          .inNamespace(namespace)
          .withName(name)
          .withPropagationPolicy(DeletionPropagation.BACKGROUND)
          .delete();
    } catch (KubernetesClientException e) {
      LOG.infof("Job not removed; the next sweep does it, job=%s: %s", name, e);
    }
  }

  private static boolean isQuota(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
        && Objects.toString(e.getMessage(), "").contains("exceeded quota");
  }

  /** Tells each thing once, however often it is read. */
  private static final class Notes {

    private final BuildLog log;
    private String noted;
    private String warned;

    Notes(BuildLog log) {
      this.log = log;
    }

    void noteOnce(String sentence) {
      if (!sentence.equals(noted)) {
        log.note(sentence);
        noted = sentence;
      }
    }

    void warnOnce(String job, String reason) {
      if (!reason.equals(warned)) {
        LOG.warnf("The cluster makes no pod for a build, job=%s: %s", job, reason);
        warned = reason;
      }
    }
  }
}
