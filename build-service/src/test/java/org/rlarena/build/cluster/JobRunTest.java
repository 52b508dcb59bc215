package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.source.Source;
import org.rlarena.build.testing.TestConfig;

/** Whatever happens to a Job, its build ends as it should. */
class JobRunTest {

  private static final String DIGEST = "sha256:" + "d".repeat(64);
  private static final String LONG = "1h";
  private static final String SHORT = "100ms";
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private final StringBuffer logged = new StringBuffer();
  private final BuildLog log = new BuildLog(List.of(), () -> 0, logged::append);
  private final RunControl control = new RunControl(Duration.ofMinutes(2));
  private final AtomicInteger tokens = new AtomicInteger();
  private final Map<String, JobWatch> watches = new HashMap<>();
  private final Builder.Request request = request(0);
  private final String name = BuildJobs.name(request.attemptId(), 0);
  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = TestCluster.start();
  }

  @AfterEach
  void stop() {
    control.stop();
    cluster.interceptor = request -> null;
    watches.values().forEach(JobWatch::close);
    cluster.close();
  }

  @Test
  void shouldTellTheDigestAsSoonAsTheWatchKnows() throws Exception {
    // Given a timer that would come far too late
    CompletableFuture<String> run = run(LONG);
    awaitWatching(LONG);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);
    cluster.status(pod, "Pending", TestCluster.running("source"));

    // When
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(run.get(20, TimeUnit.SECONDS)).isEqualTo(DIGEST);
    assertThat(cluster.job(name)).as("kept until its time is up").isNotNull();
  }

  @Test
  void shouldTellTheAuthorsFaultInItsWords() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When
    cluster.status(
        pod,
        "Failed",
        TestCluster.done("source"),
        TestCluster.ended(
            "packages",
            3,
            "Error",
            "{\"reason\": \"syntax_error\", \"message\": \"agent.py, line 2: expected ':'.\"}"));

    // Then
    assertThatThrownBy(() -> result(run))
        .isInstanceOfSatisfying(
            BuildFailed.class,
            failed -> assertThat(failed.reason()).isEqualTo(FailureReason.SYNTAX_ERROR))
        .hasMessage("agent.py, line 2: expected ':'.");
  }

  @Test
  void shouldTakeOverTheJobOfAWorkerThatDied() {
    // Given
    CompletableFuture<String> first = run(SHORT);
    Job job = cluster.awaitJob(name);
    control.stop();
    assertThatThrownBy(() -> result(first)).isInstanceOf(RunStopped.class);

    // When
    RunControl next = new RunControl(Duration.ofMinutes(2));
    CompletableFuture<String> second = run(SHORT, request, next, Map.of());
    cluster.succeed(job, cluster.makePod(job), DIGEST);

    // Then
    assertThat(result(second)).isEqualTo(DIGEST);
    assertThat(tokens).as("the Job keeps the token it was made with").hasValue(1);
    assertThat(cluster.jobs()).hasSize(1);
  }

  @Test
  void shouldTakeOverAJobThatEndedMeanwhile() {
    // Given
    CompletableFuture<String> first = run(SHORT);
    Job job = cluster.awaitJob(name);
    control.stop();
    assertThatThrownBy(() -> result(first)).isInstanceOf(RunStopped.class);
    cluster.succeed(job, cluster.makePod(job), DIGEST);

    // When
    RunControl next = new RunControl(Duration.ofMinutes(2));
    CompletableFuture<String> second = run(LONG, request, next, Map.of());

    // Then
    assertThat(result(second)).isEqualTo(DIGEST);
  }

  @Test
  void shouldTryAnewWhenTheJobIsRemovedByHand() {
    // Given
    CompletableFuture<String> run = run(LONG);
    awaitWatching(LONG);
    cluster.awaitJob(name);
    awaitAsked();

    // When
    cluster.removeJob(name);

    // Then
    assertBroken(run, "Job was removed");
  }

  @Test
  void shouldTryAnewWhenTheMachineIsLost() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Pod pod = cluster.makePod(cluster.awaitJob(name));
    cluster.status(pod, "Running", TestCluster.running("source"));

    // When
    cluster.status(
        pod,
        "Running",
        status ->
            status
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("DeletionByTaintManager")
                .endCondition(),
        TestCluster.running("source"));

    // Then
    assertBroken(run, "machine that the build ran on was lost");
    assertThat(cluster.job(name)).as("makes room for the next try").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"NodeLost", "Evicted", "Preempting", "UnexpectedAdmissionError"})
  void shouldTryAnewWhenThePodIsPutOut(String reason) {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Pod pod = cluster.makePod(cluster.awaitJob(name));

    // When
    cluster.status(
        pod,
        "Failed",
        status -> status.withReason(reason).withMessage("The node was low on resource: memory."));

    // Then
    assertBroken(run, "was lost");
  }

  @Test
  void shouldTryAnewWhenThePodVanishes() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);
    cluster.status(pod, "Running", TestCluster.running("source"));

    // When
    cluster.removePod(pod);
    cluster.fail(job, "BackoffLimitExceeded");

    // Then
    assertBroken(run, "pod was lost");
  }

  @Test
  void shouldJudgeTheJobsSecondPod() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod first = cluster.makePod(job);
    cluster.status(first, "Running", TestCluster.running("source"));
    cluster.removePod(first);

    // When
    cluster.succeed(job, cluster.makePod(job), DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
  }

  @Test
  void shouldCallItTheAuthorsFaultWhenPackagesTakeTooLong() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);
    Instant longAgo = Instant.now().minus(Duration.ofMinutes(14));
    cluster.status(
        pod, "Running", TestCluster.done("source"), TestCluster.running("packages", longAgo));
    await().until(() -> logged(), text -> text.contains("Asked the cluster"));

    // When the controller removes the pod that runs out of time
    awaitAsked();
    cluster.removePod(pod);
    cluster.fail(job, "DeadlineExceeded");

    // Then
    assertThatThrownBy(() -> result(run))
        .isInstanceOfSatisfying(
            BuildFailed.class,
            failed -> assertThat(failed.reason()).isEqualTo(FailureReason.TIMEOUT));
  }

  @Test
  void shouldTryAnewWhenNothingRanInTime() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    cluster.makePod(job);

    // When
    cluster.fail(job, "DeadlineExceeded");

    // Then
    assertBroken(run, "did not run the build in time");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ErrImagePull", "ImagePullBackOff"})
  void shouldTryAnewAfterAWhileWhenAnImageCannotBeFetched(String reason) {
    // Given
    CompletableFuture<String> run =
        run(SHORT, request, control, Map.of("arena.build.kubernetes.start-timeout", "4s"));
    Pod pod = cluster.makePod(cluster.awaitJob(name));

    // When
    cluster.status(pod, "Pending", TestCluster.waiting("source", reason));

    // Then
    assertBroken(run, "cannot fetch an image");
    assertThat(logged()).contains("Waiting for an image");
  }

  @Test
  void shouldTryAnewAtOnceWhenAnImageHasNoName() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Pod pod = cluster.makePod(cluster.awaitJob(name));

    // When
    cluster.status(pod, "Pending", TestCluster.waiting("source", "InvalidImageName"));

    // Then
    assertBroken(run, "cannot start a step");
  }

  @Test
  void shouldTryAnewWhenTheClusterHasNoRoom() {
    // When
    CompletableFuture<String> run =
        run(SHORT, request, control, Map.of("arena.build.kubernetes.start-timeout", "2s"));
    cluster.makePod(cluster.awaitJob(name));

    // Then
    assertBroken(run, "no room");
    assertThat(cluster.job(name)).isNull();
  }

  @Test
  void shouldTryAnewWhenTheImageCannotBePushed() {
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When
    cluster.status(
        pod,
        "Failed",
        TestCluster.done("source"),
        TestCluster.done("packages"),
        TestCluster.done("hand-over"),
        TestCluster.ended("builder", 1, "Error", null));

    // Then
    assertBroken(run, "could not be made or pushed");
  }

  // --- what only a server that obeys can show

  @Test
  void shouldOutlastAnApiServerThatIsAway() {
    assumeMock();
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When
    cluster.goAway();
    await().until(() -> logged(), text -> text.contains("does not answer"));
    cluster.comeBack();
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
    assertThat(cluster.jobs()).hasSize(1);
  }

  @Test
  void shouldWatchAgainAfterTheConnectionBroke() {
    assumeMock();
    // Given a timer that would come far too late
    CompletableFuture<String> run = run(LONG);
    awaitWatching(LONG);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When
    cluster.goAway();
    cluster.comeBack();
    awaitWatching(LONG);
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
  }

  @Test
  void shouldListAnewWhenTheWatchIsTooOld() {
    assumeMock();
    // Given
    AtomicInteger gone = new AtomicInteger();
    cluster.interceptor =
        request ->
            request.getPath().contains("watch=true") && gone.getAndIncrement() < 4
                ? new MockResponse().withWebSocketUpgrade(new Gone())
                : null;
    CompletableFuture<String> run = run(LONG);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When
    await().until(() -> gone.get() > 4);
    awaitWatching(LONG);
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
  }

  @Test
  void shouldWaitWhileTheApiServerIsOverloaded() {
    assumeMock();
    // Given
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);
    awaitAsked();

    // When
    cluster.interceptor = request -> status(503, "ServiceUnavailable", "etcd is away");
    await().until(() -> logged(), text -> text.contains("does not answer"));
    cluster.interceptor = request -> null;
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
  }

  @Test
  void shouldNotBlameTheAuthorForAClusterThatStaysAway() {
    assumeMock();
    // Given
    RunControl shortRun = new RunControl(Duration.ofSeconds(2));
    CompletableFuture<String> run = run(SHORT, request, shortRun, Map.of());
    cluster.awaitJob(name);

    // When
    cluster.interceptor = request -> status(503, "ServiceUnavailable", "etcd is away");

    // Then
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(PlatformFault.class)
        .hasMessageContaining("did not end the build in time");
  }

  @Test
  void shouldTakeOverAJobWhoseCreationWasNotConfirmed() {
    assumeMock();
    // Given a first answer that is lost, so that the client asks again
    cluster.interceptor =
        request -> {
          if (!request.getMethod().equals("POST") || !request.getPath().endsWith("/jobs")) {
            return null;
          }
          cluster.answer(request);
          return status(409, "AlreadyExists", "jobs.batch already exists");
        };

    // When
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    cluster.succeed(job, cluster.makePod(job), DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
  }

  @Test
  void shouldTellThatAQuotaForbidsAnotherJob() {
    assumeMock();
    // Given
    cluster.interceptor =
        request ->
            request.getMethod().equals("POST")
                ? status(403, "Forbidden", "jobs is forbidden: exceeded quota: builds")
                : null;

    // When, Then
    assertBroken(run(SHORT), "no room for another build");
  }

  @Test
  void shouldTryAnewWhenAQuotaForbidsThePod() {
    assumeMock();
    // Given
    cluster.interceptor =
        request ->
            request.getPath().contains("/events")
                ? new MockResponse()
                    .setResponseCode(200)
                    .setBody(
                        """
                        {"kind": "EventList", "apiVersion": "v1", "items": [{
                          "kind": "Event", "apiVersion": "v1", "reason": "FailedCreate",
                          "metadata": {"name": "e"},
                          "message": "pods is forbidden: exceeded quota: builds"}]}
                        """)
                : null;

    // When
    CompletableFuture<String> run =
        run(SHORT, request, control, Map.of("arena.build.kubernetes.start-timeout", "2s"));

    // Then
    assertBroken(run, "no room");
    assertThat(logged()).contains("Waiting for room in the cluster.").doesNotContain("quota");
  }

  @Test
  void shouldTellThatTheAccountMayNot() {
    assumeMock();
    // Given
    cluster.interceptor = request -> status(403, "Forbidden", "jobs is forbidden: User cannot");

    // When, Then
    assertBroken(run(SHORT), "could not be asked");
  }

  @Test
  void shouldShowWhatEveryContainerPrintsWhileItRuns() {
    assumeMock();
    // Given
    Map<String, String> printed = new HashMap<>();
    printed.put("source", "2026-11-26T10:00:00.1Z Fetched the upload.\n");
    answerLogs(printed);
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);
    Pod pod = cluster.makePod(job);

    // When the second step still runs, and its stream breaks off again and again
    cluster.status(pod, "Running", TestCluster.done("source"), TestCluster.running("packages"));
    printed.put("packages", "2026-11-26T10:00:01.1Z one\n");
    await().until(() -> logged(), text -> text.contains("one\n"));
    printed.put("packages", "2026-11-26T10:00:01.1Z one\n2026-11-26T10:00:01.2Z two\n");
    await().until(() -> logged(), text -> text.contains("two\n"));
    printed.put("builder", "2026-11-26T10:00:05Z \u001b[36mINFO\u001b[0m pushed\n");
    cluster.succeed(job, pod, DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
    assertThat(logged())
        .containsOnlyOnce("Fetched the upload.")
        .containsOnlyOnce("one\n")
        .containsOnlyOnce("two\n")
        .containsOnlyOnce("INFO pushed\n");
  }

  @Test
  void shouldNotTakeAnAnswerOfTheServerForALog() {
    assumeMock();
    // Given
    cluster.interceptor =
        request ->
            request.getPath().contains("/log?")
                ? status(400, "BadRequest", "container is waiting to start")
                : null;
    CompletableFuture<String> run = run(SHORT);
    Job job = cluster.awaitJob(name);

    // When
    cluster.succeed(job, cluster.makePod(job), DIGEST);

    // Then
    assertThat(result(run)).isEqualTo(DIGEST);
    assertThat(logged()).doesNotContain("waiting to start");
  }

  private void answerLogs(Map<String, String> printed) {
    cluster.interceptor =
        request -> {
          if (!request.getPath().contains("/log?")) {
            return null;
          }
          String container = request.getPath().replaceAll(".*container=([a-z-]+).*", "$1");
          return new MockResponse()
              .setResponseCode(200)
              .setBody(printed.getOrDefault(container, ""));
        };
  }

  private static MockResponse status(int code, String reason, String message) {
    return new MockResponse()
        .setResponseCode(code)
        .setBody(
            """
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": %d,
             "reason": "%s", "message": "%s"}
            """
                .formatted(code, reason, message));
  }

  /** Ends a watch as a server does whose history does not reach that far back. */
  private static final class Gone extends WebSocketListener {
    @Override
    public void onOpen(WebSocket socket, Response response) {
      socket.send(
          """
          {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "code": 410,
           "status": "Failure", "reason": "Expired", "message": "too old resource version"}}
          """);
    }
  }

  private CompletableFuture<String> run(String reconcileInterval) {
    return run(reconcileInterval, request, control, Map.of());
  }

  private CompletableFuture<String> run(
      String reconcileInterval,
      Builder.Request wanted,
      RunControl controlled,
      Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("arena.build.kubernetes.reconcile-interval", reconcileInterval);
    ClusterConfig config = TestConfig.cluster(settings);
    BuildJobs jobs = new BuildJobs(config, TestConfig.build(Map.of()));
    JobWatch watch =
        watches.computeIfAbsent(
            reconcileInterval,
            _ -> new JobWatch(cluster.client(), cluster.namespace(), jobs.selector()));
    JobRun runs =
        new JobRun(cluster.client(), cluster.namespace(), jobs, watch, config, Clock.systemUTC());
    return CompletableFuture.supplyAsync(
        () -> runs.run(wanted, job -> "token-" + tokens.incrementAndGet(), log, controlled),
        THREADS);
  }

  private void awaitWatching(String reconcileInterval) {
    await().atMost(Duration.ofSeconds(20)).until(() -> watches.get(reconcileInterval).isWatching());
  }

  /** Until the run waits for its Job. */
  private void awaitAsked() {
    await().until(() -> logged(), text -> text.contains("Asked the cluster"));
  }

  private void assertBroken(CompletableFuture<String> run, String told) {
    assertThatThrownBy(() -> result(run))
        .isInstanceOf(PlatformFault.class)
        .hasMessageContaining(told);
  }

  private static String result(CompletableFuture<String> run) {
    try {
      return run.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (RuntimeException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError("the run did not end", e);
    }
  }

  private String logged() {
    log.flush();
    return logged.toString();
  }

  private static void assumeMock() {
    assumeFalse(TestCluster.isReal(), "skipped: a real API server does not fail when asked to");
  }

  private static Builder.Request request(int faults) {
    return new Builder.Request(
        UUID.randomUUID(),
        UUID.randomUUID(),
        faults,
        UUID.randomUUID(),
        UUID.randomUUID(),
        1,
        1,
        new Source("ab".repeat(32), 10, "py"));
  }
}
