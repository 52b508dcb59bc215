package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.SourceStore;

@QuarkusTest
class SourceSweeperResourceTest extends ServiceTest {

  @Inject SourceSweeper sweeper;
  @Inject SourceStore store;
  @Inject Submissions submissions;
  @Inject ObjectsConfig objects;

  private final User owner = User.fresh();

  @Test
  void shouldEraseTheSourcesOfADeletedAgentAlone() {
    // Given
    UUID deleted = knownAgentOf(owner);
    UUID first = owner.uploads(deleted);
    UUID second = owner.uploads(deleted);
    UUID kept = owner.uploads(knownAgentOf(owner));
    publishDeleted(deleted, 2);
    await().atMost(LIMIT).untilAsserted(() -> owner.reads(first).statusCode(404));

    // When
    sweeper.sweep();

    // Then
    assertThat(store.find(first, SourceKind.PY)).isEmpty();
    assertThat(store.find(second, SourceKind.PY)).isEmpty();
    assertThat(store.find(kept, SourceKind.PY)).isPresent();
    assertThat(find(first).isSourceErased()).isTrue();
    assertThat(find(first).source().filename()).isEmpty();
    assertThat(find(kept).isSourceErased()).isFalse();
    assertThat(sweeper.eraseDeleted()).isZero();
  }

  @Test
  void shouldFinishAnErasureThatDiedBetweenFileAndRow() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishDeleted(agentId, 2);
    await().atMost(LIMIT).untilAsserted(() -> owner.reads(id).statusCode(404));
    store.erase(id, SourceKind.PY);

    // When
    sweeper.sweep();

    // Then
    assertThat(find(id).isSourceErased()).isTrue();
  }

  @Test
  void shouldRemoveOldFilesThatNoVersionNames() throws IOException {
    // Given
    UUID kept = owner.uploads(knownAgentOf(owner));
    Path upload = Files.createTempFile("upload", ".py");
    UUID orphan = UUID.randomUUID();
    UUID recent = UUID.randomUUID();
    store.store(orphan, SourceKind.PY, upload, "agent.py");
    store.store(recent, SourceKind.ZIP, upload, "agent.zip");
    Files.delete(upload);
    age(kept);
    age(orphan);

    // When
    int removed = sweeper.sweepLeftovers();

    // Then
    assertThat(removed).isEqualTo(1);
    assertThat(store.find(orphan, SourceKind.PY)).isEmpty();
    assertThat(store.find(kept, SourceKind.PY)).isPresent();
    assertThat(store.find(recent, SourceKind.ZIP)).isPresent();
    store.erase(recent, SourceKind.ZIP);
  }

  private Submission find(UUID id) {
    return QuarkusTransaction.requiringNew().call(() -> submissions.findById(id));
  }

  private void age(UUID submissionId) throws IOException {
    Path file = objects.root().resolve("sources/" + submissionId + ".py");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
  }
}
