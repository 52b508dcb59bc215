package org.rlarena.build.cluster;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * An API server and, played by the tests, what else a cluster does: nothing here runs a pod. It is
 * a mock, or the API server that the kubeconfig in {@code ARENA_TEST_KUBECONFIG} names, which must
 * have no Job controller: that would make pods of its own.
 */
final class TestCluster implements AutoCloseable {

  /** In place of the API server; null lets it answer. */
  volatile Function<RecordedRequest, MockResponse> interceptor = request -> null;

  private final Dispatcher dispatcher = new Intercepting();
  private final KubernetesCrudDispatcher crud = new KubernetesCrudDispatcher();
  private final KubernetesClient client;
  private final String namespace;
  private MockWebServer server;
  private int port;
  private int pods;

  private TestCluster(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  private TestCluster() {
    namespace = "arena-test-" + UUID.randomUUID().toString().substring(0, 8);
    if (isReal()) {
      client = new KubernetesClientBuilder().withConfig(kubeconfig()).build();
      client
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .create();
      client
          .resource(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withName("agent-build")
                  .withNamespace(namespace)
                  .endMetadata()
                  .build())
          .create();
    } else {
      comeBack();
      client = new KubernetesClientBuilder().withConfig(mocked()).build();
    }
  }

  static TestCluster start() {
    return new TestCluster();
  }

  /** To play controllers and kubelet where the service itself has a client. */
  static TestCluster of(KubernetesClient client, String namespace) {
    return new TestCluster(client, namespace);
  }

  static boolean isReal() {
    return System.getenv("ARENA_TEST_KUBECONFIG") != null;
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  int port() {
    return port;
  }

  /** What the API server does, for an interceptor. */
  MockResponse answer(RecordedRequest request) {
    return crud.dispatch(request);
  }

  /** The API server is away: its connections break and no new ones are taken. */
  void goAway() {
    server.shutdown();
  }

  void comeBack() {
    server = new MockWebServer();
    server.setDispatcher(dispatcher);
    server.start(port);
    port = server.getPort();
  }

  @Override
  public void close() {
    if (isReal()) {
      client.namespaces().withName(namespace).delete();
    }
    client.close();
    if (!isReal()) {
      server.shutdown();
    }
  }

  // --- what the controllers and a kubelet do

  Job job(String name) {
    return client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
  }

  List<Job> jobs() {
    return client.batch().v1().jobs().inNamespace(namespace).list().getItems();
  }

  Job awaitJob(String name) {
    return await().atMost(Duration.ofSeconds(20)).until(() -> job(name), found -> found != null);
  }

  void removeJob(String name) {
    client.batch().v1().jobs().inNamespace(namespace).withName(name).delete();
  }

  /** A pod as the Job controller makes it. */
  Pod makePod(Job job) {
    pods++;
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(job.getMetadata().getName() + "-" + pods)
            .withNamespace(namespace)
            .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
            // the mock stamps nothing, and the newest counts
            .withCreationTimestamp(isReal() ? null : Instant.now().plusSeconds(pods).toString())
            .endMetadata()
            .withSpec(job.getSpec().getTemplate().getSpec())
            .build();
    return client.pods().inNamespace(namespace).resource(pod).create();
  }

  void removePod(Pod pod) {
    client
        .pods()
        .inNamespace(namespace)
        .withName(pod.getMetadata().getName())
        .withGracePeriod(0)
        .delete();
  }

  /** A pod's status: phase, and the states of its containers in order. */
  void status(Pod pod, String phase, ContainerStatus... states) {
    status(pod, phase, status -> status, states);
  }

  void status(
      Pod pod,
      String phase,
      Function<PodStatusBuilder, PodStatusBuilder> more,
      ContainerStatus... states) {
    int steps = pod.getSpec().getInitContainers().size();
    List<ContainerStatus> all = new ArrayList<>(List.of(states));
    PodStatusBuilder status =
        new PodStatusBuilder()
            .withPhase(phase)
            .withInitContainerStatuses(all.subList(0, Math.min(steps, all.size())))
            .withContainerStatuses(all.subList(Math.min(steps, all.size()), all.size()));
    client
        .pods()
        .inNamespace(namespace)
        .withName(pod.getMetadata().getName())
        .editStatus(found -> new PodBuilder(found).withStatus(more.apply(status).build()).build());
  }

  static ContainerStatus running(String container) {
    return running(container, Instant.now());
  }

  static ContainerStatus running(String container, Instant since) {
    return state(container)
        .withNewState()
        .withNewRunning()
        .withStartedAt(time(since))
        .endRunning()
        .endState()
        .build();
  }

  static ContainerStatus waiting(String container, String reason) {
    return state(container)
        .withNewState()
        .withNewWaiting()
        .withReason(reason)
        .endWaiting()
        .endState()
        .build();
  }

  static ContainerStatus ended(String container, int status, String reason, String message) {
    return state(container)
        .withNewState()
        .withNewTerminated()
        .withExitCode(status)
        .withReason(reason)
        .withMessage(message)
        .withStartedAt(now())
        .withFinishedAt(now())
        .endTerminated()
        .endState()
        .build();
  }

  static ContainerStatus done(String container) {
    return ended(container, 0, "Completed", null);
  }

  private static ContainerStatusBuilder state(String container) {
    return new ContainerStatusBuilder()
        .withName(container)
        .withImage("image")
        .withImageID("")
        .withReady(false)
        .withRestartCount(0);
  }

  /** All containers of a build that made an image. */
  void succeed(Job job, Pod pod, String digest) {
    status(
        pod,
        "Succeeded",
        done(BuildJobs.SOURCE),
        done(BuildJobs.PACKAGES),
        done(BuildJobs.HAND_OVER),
        ended(BuildJobs.BUILDER, 0, "Completed", digest));
    complete(job);
  }

  void complete(Job job) {
    end(job, "SuccessCriteriaMet", "Complete", "CompletionsReached", 1, 0);
  }

  void fail(Job job, String reason) {
    end(job, "FailureTarget", "Failed", reason, 0, 1);
  }

  private void end(Job job, String first, String last, String reason, int succeeded, int failed) {
    client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withName(job.getMetadata().getName())
        .editStatus(
            found -> {
              long ran =
                  reason.equals("DeadlineExceeded")
                      ? found.getSpec().getActiveDeadlineSeconds()
                      : 0;
              found.setStatus(
                  new JobStatusBuilder()
                      .withStartTime(time(Instant.now().minusSeconds(ran)))
                      .withCompletionTime(succeeded > 0 ? now() : null)
                      .withSucceeded(succeeded > 0 ? succeeded : null)
                      .withFailed(failed > 0 ? failed : null)
                      .addNewCondition()
                      .withType(first)
                      .withStatus("True")
                      .withReason(reason)
                      .endCondition()
                      .addNewCondition()
                      .withType(last)
                      .withStatus("True")
                      .withReason(reason)
                      .endCondition()
                      .build());
              return found;
            });
  }

  private static String now() {
    return time(Instant.now());
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private Config mocked() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("http://127.0.0.1:" + port)
        .withNamespace(namespace)
        .withConnectionTimeout(1000)
        .withRequestRetryBackoffLimit(0)
        .withWatchReconnectInterval(50)
        .build();
  }

  private static Config kubeconfig() {
    try {
      return Config.fromKubeconfig(
          Files.readString(Path.of(System.getenv("ARENA_TEST_KUBECONFIG"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Intercepting extends Dispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      MockResponse instead = interceptor.apply(request);
      return instead == null ? crud.dispatch(request) : instead;
    }
  }
}
