package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.URLUtils;
import io.quarkus.arc.lookup.LookupIfProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.rlarena.build.RunControl;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.ScanFailed;
import org.rlarena.build.scan.Scanner;

/**
 * Scans the image of a version in a Job of its own, by digest. A Job that this process does not see
 * to its end ends by its own deadline, and its report is read by nobody.
 */
@ApplicationScoped
@LookupIfProperty(name = "arena.build.backend", stringValue = "kubernetes")
class JobScanner implements Scanner {

  private static final Logger LOG = Logger.getLogger(JobScanner.class);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
  // below the 10 MiB at which a kubelet starts another file, of which a log shows the last alone
  private static final int MAX_BYTES = 9 << 20;

  private final KubernetesClient client;
  private final String namespace;
  private final ScanJobs jobs;
  private final Duration look;

  JobScanner(KubernetesClient client, ClusterConfig config, ScanConfig scan) {
    this.client = client;
    this.namespace = config.namespace().orElseGet(client::getNamespace);
    this.jobs = new ScanJobs(config, scan);
    this.look = config.reconcileInterval().compareTo(LOOK) < 0 ? config.reconcileInterval() : LOOK;
  }

  @Override
  public Optional<String> problem(Target target) {
    return target.imageDigest().isPresent()
        ? Optional.empty()
        : Optional.of("There is no image of this version to scan.");
  }

  @Override
  public Printed scan(Target target, RunControl control) {
    String name = ScanJobs.name(target.runId());
    boolean ended = false;
    try {
      create(jobs.job(target, target.imageDigest().orElseThrow()));
      awaitEnd(name, control);
      String report = report(target);
      ended = true;
      return new Printed(report, true);
    } finally {
      // one that failed is kept for its time, to be looked into
      if (ended || control.isStopped()) {
        remove(name);
      }
    }
  }

  private void create(Job job) {
    try {
      client.batch().v1().jobs().inNamespace(namespace).resource(job).create();
    } catch (KubernetesClientException e) {
      // a conflict: the answer to an earlier try was lost on its way
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw new ScanFailed("The cluster could not be asked for a scan.", e);
      }
    }
  }

  private void awaitEnd(String name, RunControl control) {
    while (true) {
      control.pause(look);
      Job job;
      try {
        job = client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
      } catch (KubernetesClientException e) {
        // the Job goes on without its API server; the run's own deadline ends the waiting
        LOG.debugf("Scan not read, job=%s: %s", name, e);
        continue;
      }
      if (job == null || job.getMetadata().getDeletionTimestamp() != null) {
        throw new ScanFailed("The scan's Job was removed.");
      }
      if (condition(job, "Complete").isPresent()) {
        return;
      }
      Optional<String> failure = condition(job, "Failed");
      if (failure.isPresent()) {
        LOG.warnf("A scan failed, job=%s reason=%s", name, failure.get());
        throw new ScanFailed(
            failure.get().equals("DeadlineExceeded")
                ? "The scan took too long."
                : "The scanner broke off.");
      }
    }
  }

  private String report(Target target) {
    try {
      Pod pod =
          client
              .pods()
              .inNamespace(namespace)
              .withLabel(ScanJobs.RUN_LABEL, target.runId().toString())
              .list()
              .getItems()
              .stream()
              .filter(one -> one.getStatus() != null)
              .filter(one -> "Succeeded".equals(one.getStatus().getPhase()))
              .findFirst()
              .orElseThrow(() -> new ScanFailed("The scan's pod is gone."));
      return log(pod.getMetadata().getName());
    } catch (KubernetesClientException | CompletionException e) {
      throw new ScanFailed("The scanner's report could not be fetched.", e);
    }
  }

  private String log(String pod) {
    HttpClient http = client.getHttpClient();
    String path =
        "api/v1/namespaces/%s/pods/%s/log?container=%s&limitBytes=%d"
            .formatted(namespace, pod, ScanJobs.SCANNER, MAX_BYTES);
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(URI.create(URLUtils.join(client.getMasterUrl().toString(), path)))
            .build();
    HttpResponse<String> answer =
        http.sendAsync(request, String.class)
            .orTimeout(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS)
            .join();
    if (answer.code() != HttpURLConnection.HTTP_OK) {
      throw new ScanFailed("The scanner's report could not be fetched.");
    }
    return answer.body();
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
      LOG.debugf("Scan not removed; its time to live does it, job=%s: %s", name, e);
    }
  }

  private static Optional<String> condition(Job job, String type) {
    return job.getStatus() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(one -> one.getType().equals(type) && "True".equals(one.getStatus()))
            .map(one -> Objects.toString(one.getReason(), ""))
            .findFirst();
  }
}
