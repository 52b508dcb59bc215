package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.submission.ServiceTest;

@QuarkusTest
class ConcurrencyResourceTest extends ServiceTest {

  @Inject Submissions submissions;
  @Inject EntityManager entities;

  private final User owner = User.fresh();

  @Test
  void shouldNumberParallelUploadsWithoutGapsOrRepeats() {
    UUID agentId = knownAgentOf(owner);

    List<Integer> versions =
        inParallel(
            20,
            i ->
                owner
                    .uploads(agentId, "agent.py", CODE)
                    .statusCode(201)
                    .extract()
                    .path("submission.version"));

    assertThat(versions)
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
  }

  @Test
  void shouldLeaveOneActiveVersionUnderParallelActivations() {
    // Given four built versions
    UUID agentId = knownAgentOf(owner);
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      UUID id = owner.uploads(agentId);
      publishSuccess(agentId, id, 1);
      awaitStatus(owner, id, "active");
      ids.add(id);
    }

    // When
    List<Integer> answers =
        inParallel(20, i -> owner.activates(ids.get(i % ids.size())).extract().statusCode());

    // Then
    assertThat(answers).containsOnly(200);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(activations(agentId)).hasSize(4 + 20));
    List<ReceivedEvent> published = activations(agentId);
    assertThat(published)
        .extracting(event -> event.data().get("sequence").asInt())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 24).boxed().toList());
    UUID active =
        QuarkusTransaction.requiringNew()
            .call(() -> submissions.activeOf(agentId))
            .orElseThrow()
            .id();
    assertThat(published.getLast().data().get("submissionId").asText())
        .isEqualTo(active.toString());
  }

  @Test
  void shouldRebuildOnceUnderParallelRequests() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");

    // When
    List<Integer> answers = inParallel(8, i -> owner.rebuilds(id).extract().statusCode());

    // Then
    assertThat(answers).containsOnlyOnce(200).containsOnly(200, 409);
    owner.reads(id).body("submission.retryCount", org.hamcrest.Matchers.equalTo(1));
  }

  @Test
  void shouldNotLetTheDatabaseHoldTwoActiveVersions() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID first = owner.uploads(agentId);
    UUID second = owner.uploads(agentId);
    publishSuccess(agentId, first, 1);
    publishSuccess(agentId, second, 1);
    awaitStatus(owner, second, "active");

    // When, Then
    assertThatThrownBy(
            () ->
                QuarkusTransaction.requiringNew()
                    .run(
                        () ->
                            entities
                                .createNativeQuery(
                                    "UPDATE submission SET state = 'ACTIVE' WHERE id = :id")
                                .setParameter("id", first)
                                .executeUpdate()))
        .hasStackTraceContaining("submission_one_active");
  }

  @Test
  void shouldRefuseAWriteOnAStaleVersion() {
    // Given
    UUID id = owner.uploads(knownAgentOf(owner));

    // When another writer gets in between, without the agent's lock
    assertThatThrownBy(
            () ->
                QuarkusTransaction.requiringNew()
                    .run(
                        () -> {
                          Submission stale = submissions.findById(id);
                          QuarkusTransaction.requiringNew()
                              .run(
                                  () ->
                                      submissions
                                          .findById(id)
                                          .reached(1, BuildStep.BUILDING, SubmissionFixture.LATER));
                          stale.failed(1, "lost", SubmissionFixture.LATER);
                        }))
        .hasStackTraceContaining("OptimisticLock");

    // Then
    owner.reads(id).body("submission.status", org.hamcrest.Matchers.equalTo("building"));
  }

  private List<ReceivedEvent> activations(UUID agentId) {
    return events.on("submission.activated").stream()
        .filter(event -> event.key().equals(agentId.toString()))
        .toList();
  }

  private interface Numbered<T> {
    T call(int number) throws Exception;
  }

  private static <T> List<T> inParallel(int count, Numbered<T> task) {
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        Callable<T> started =
            () -> {
              start.await();
              return task.call(number);
            };
        futures.add(threads.submit(started));
      }
      start.countDown();
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
