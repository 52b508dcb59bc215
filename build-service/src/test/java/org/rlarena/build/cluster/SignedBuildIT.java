package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agroal.api.AgroalDataSource;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.attempt.Upload;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.signing.FakeCosign;
import org.rlarena.build.signing.SigningEnvironment;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.infra.testing.Events;

/** Builds as Jobs whose images are signed, by a cosign that also fails and hangs. */
@BuildServiceTest
@WithTestResource(ClusterEnvironment.class)
@WithTestResource(SigningEnvironment.class)
class SignedBuildIT {

  private static final String AGENT = "class Agent:\n    pass\n";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";
  private static final String DIGEST = "sha256:" + "d".repeat(64);

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject BuildLogs logs;
  @Inject KubernetesClient client;
  @Inject AgroalDataSource dataSource;

  @TestHTTPResource("/")
  String address;

  @TempDir Path folder;

  private Events events;
  private Upload upload;
  private TestCluster cluster;
  private Kubelet kubelet;
  private FakeCosign cosign;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
    // not injected: with any other class the service starts without these settings
    cluster = TestCluster.of(client, setting("arena.build.kubernetes.namespace"));
    kubelet = new Kubelet(cluster, address.replaceAll("/$", ""), folder);
    cosign = new FakeCosign(Path.of(setting("arena.build.signing.command")).getParent());
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldSignAnImageOnceAndBeforeAnybodyPlaysIt() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    List<Integer> signedWhenPlayed = new CopyOnWriteArrayList<>();
    executor.nextFails(Status.INTERNAL);
    executor.next(
        request -> {
          signedWhenPlayed.add(signatures(created).size());
          return ValidationResponse.newBuilder().setValid(true).build();
        });

    // When
    upload.publishCreated(created);
    kubelet.run(awaitJob(created), DIGEST);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(signedWhenPlayed).containsExactly(1);
    assertThat(signatures(created))
        .singleElement()
        .asString()
        .endsWith(" registry.test/agents/%s@%s".formatted(agent(created), DIGEST));
    assertThat(log(created)).contains("The image is signed.").doesNotContain("registry.test");
  }

  @Test
  void shouldSignWithoutAnotherJobOnceCosignWorksAgain() throws Exception {
    // Given
    cosign.sign(
        """
        echo "401 at registry.test" >&2
        [ -e "$folder/twice" ] && exit 0
        [ -e "$folder/once" ] && touch "$folder/twice"
        touch "$folder/once"
        exit 1
        """);
    ObjectNode created = upload.ofPython(AGENT);

    // When
    upload.publishCreated(created);
    kubelet.run(awaitJob(created), DIGEST);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(signatures(created)).hasSize(3);
    assertThat(jobs(created)).hasSize(1);
    assertThat(log(created))
        .contains("The image could not be signed. This is not your fault; the build is tried again")
        .doesNotContain("registry.test");
  }

  @Test
  void shouldSignWhatADeadWorkerHasLeftUnsigned() throws Exception {
    // Given
    cosign.sign("[ -e \"$folder/hung\" ] && exit 0; touch \"$folder/hung\"; sleep 600");
    ObjectNode created = upload.ofPython(AGENT);
    upload.publishCreated(created);
    kubelet.run(awaitJob(created), DIGEST);
    await().atMost(Duration.ofSeconds(30)).until(() -> cosign.has("hung"));

    // When the lease is another's, whose process dies at once
    takeLeaseAway(created);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(upload.built(created)).hasSize(1);
    assertThat(signatures(created)).hasSize(2);
    assertThat(jobs(created)).hasSize(1);
  }

  private void takeLeaseAway(ObjectNode created) throws SQLException {
    try (var connection = dataSource.getConnection();
        var update =
            connection.prepareStatement(
                """
                update build_attempt
                set lease_token = gen_random_uuid(), lease_until = now()
                where submission_id = ?
                """)) {
      update.setObject(1, UUID.fromString(created.get("submissionId").asText()));
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private List<String> signatures(ObjectNode created) {
    return cosign.calls().stream()
        .filter(call -> call.startsWith("sign ") && call.contains(agent(created)))
        .toList();
  }

  private Job awaitJob(ObjectNode created) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> jobs(created), found -> !found.isEmpty())
        .getFirst();
  }

  private List<Job> jobs(ObjectNode created) {
    return cluster.jobs().stream()
        .filter(
            job -> agent(created).equals(job.getMetadata().getLabels().get("rl-arena.org/agent")))
        .toList();
  }

  private String log(ObjectNode created) {
    return logs.read(UUID.fromString(created.get("submissionId").asText()), 0)
        .map(part -> part.text())
        .orElse("");
  }

  private static String agent(ObjectNode created) {
    return created.get("agentId").asText();
  }

  private static String setting(String name) {
    return ConfigProvider.getConfig().getValue(name, String.class);
  }
}
