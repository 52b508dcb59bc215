package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.mockwebserver.http.MockResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.scan.ScanFailed;
import org.rlarena.build.scan.Scanner;
import org.rlarena.build.testing.TestConfig;

/** Whatever happens to a scan's Job, a report is told whole or not at all. */
class JobScannerTest {

  private static final String REPORT = "{\"SchemaVersion\": 2, \"ArtifactName\": \"a\"}";

  private final RunControl control = new RunControl(Duration.ofMinutes(2));
  private final Scanner.Target target = ScanJobsTest.target(UUID.randomUUID());
  private final String name = ScanJobs.name(target.runId());
  private TestCluster cluster;

  @BeforeEach
  void start() {
    // reports come by the log of a pod, which has to have run
    assumeFalse(TestCluster.isReal());
    cluster = TestCluster.start();
  }

  @AfterEach
  void stop() {
    control.stop();
    if (cluster != null) {
      cluster.interceptor = request -> null;
      cluster.close();
    }
  }

  @Test
  void shouldTellTheReportAndLeaveNothingBehind() throws Exception {
    // Given
    printing(REPORT);
    CompletableFuture<Scanner.Printed> run = run();
    Job job = cluster.awaitJob(name);

    // When
    succeed(job);

    // Then
    assertThat(run.get(20, TimeUnit.SECONDS)).isEqualTo(new Scanner.Printed(REPORT, true));
    assertThat(cluster.job(name)).isNull();
    assertThat(job.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs())
        .last()
        .isEqualTo(
            "registry.example.org/agents/%s@%s"
                .formatted(target.agentId(), target.imageDigest().orElseThrow()));
  }

  @Test
  void shouldFailWithAJobThatFails() {
    // Given
    CompletableFuture<Scanner.Printed> run = run();
    Job job = cluster.awaitJob(name);

    // When
    cluster.fail(job, "BackoffLimitExceeded");

    // Then
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(ScanFailed.class)
        .hasMessage("The scanner broke off.");
    assertThat(cluster.job(name)).as("kept, to be looked into").isNotNull();
  }

  @Test
  void shouldFailWithAJobThatTakesTooLong() {
    CompletableFuture<Scanner.Printed> run = run();
    cluster.fail(cluster.awaitJob(name), "DeadlineExceeded");
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(ScanFailed.class)
        .hasMessage("The scan took too long.");
  }

  @Test
  void shouldFailWithAJobThatIsRemoved() {
    CompletableFuture<Scanner.Printed> run = run();
    cluster.awaitJob(name);
    cluster.removeJob(name);
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(ScanFailed.class)
        .hasMessage("The scan's Job was removed.");
  }

  @Test
  void shouldFailWithAPodThatIsGone() {
    CompletableFuture<Scanner.Printed> run = run();
    Job job = cluster.awaitJob(name);
    cluster.removePod(cluster.makePod(job));
    cluster.complete(job);
    assertThatThrownBy(() -> result(run)).isInstanceOf(ScanFailed.class);
  }

  @Test
  void shouldFailWhereTheLogCannotBeRead() {
    // Given
    cluster.interceptor =
        request ->
            request.getPath().contains("/log?") ? new MockResponse().setResponseCode(500) : null;
    CompletableFuture<Scanner.Printed> run = run();

    // When
    succeed(cluster.awaitJob(name));

    // Then
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(ScanFailed.class)
        .hasMessage("The scanner's report could not be fetched.");
  }

  @Test
  void shouldFailWhereTheClusterTakesNoJob() {
    cluster.interceptor =
        request ->
            request.getMethod().toString().equals("POST")
                ? new MockResponse().setResponseCode(403)
                : null;
    assertThatThrownBy(() -> result(run()))
        .isInstanceOf(ScanFailed.class)
        .hasMessage("The cluster could not be asked for a scan.");
  }

  @Test
  void shouldWaitForAnApiServerThatIsAway() throws Exception {
    // Given
    printing(REPORT);
    CompletableFuture<Scanner.Printed> run = run();
    Job job = cluster.awaitJob(name);
    var answering = cluster.interceptor;
    AtomicInteger refused = new AtomicInteger();

    // When
    cluster.interceptor =
        request ->
            request.getMethod().toString().equals("GET") && refused.incrementAndGet() <= 5
                ? new MockResponse().setResponseCode(503)
                : answering.apply(request);
    await().until(() -> refused.get() > 5);
    succeed(job);

    // Then
    assertThat(run.get(20, TimeUnit.SECONDS).text()).isEqualTo(REPORT);
  }

  @Test
  void shouldRemoveTheJobOfARunThatIsStopped() {
    // Given
    CompletableFuture<Scanner.Printed> run = run();
    cluster.awaitJob(name);

    // When
    control.stop();

    // Then
    assertThatThrownBy(() -> result(run)).isInstanceOf(RunStopped.class);
    assertThat(cluster.job(name)).isNull();
  }

  @Test
  void shouldSayThatThereIsNoImage() {
    Scanner.Target without =
        new Scanner.Target(
            target.runId(),
            target.submissionId(),
            target.agentId(),
            target.bundle(),
            Optional.empty());
    assertThat(scanner().problem(without)).contains("There is no image of this version to scan.");
    assertThat(scanner().problem(target)).isEmpty();
  }

  private void printing(String report) {
    cluster.interceptor =
        request ->
            request.getPath().contains("/log?container=scanner&")
                ? new MockResponse().setResponseCode(200).setBody(report)
                : null;
  }

  private void succeed(Job job) {
    Pod pod = cluster.makePod(job);
    cluster.status(pod, "Succeeded", TestCluster.done(ScanJobs.SCANNER));
    cluster.complete(job);
  }

  private CompletableFuture<Scanner.Printed> run() {
    JobScanner scanner = scanner();
    return CompletableFuture.supplyAsync(
        () -> scanner.scan(target, control), task -> Thread.ofVirtual().start(task));
  }

  private JobScanner scanner() {
    return new JobScanner(
        cluster.client(),
        TestConfig.cluster(
            Map.of(
                "arena.build.kubernetes.namespace",
                cluster.namespace(),
                "arena.build.kubernetes.reconcile-interval",
                "50ms")),
        ScanJobsTest.config(Map.of("scanner", "trivy")));
  }

  private static Scanner.Printed result(CompletableFuture<Scanner.Printed> run) throws Exception {
    try {
      return run.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
