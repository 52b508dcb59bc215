package org.rlarena.submission.sources;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.objects.FolderStore;

class SourceStoreTest {

  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private static final String SHA256_OF_HELLO =
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

  @TempDir Path root;
  private SourceStore store;
  private Path upload;

  @BeforeEach
  void prepare() throws IOException {
    store = new SourceStore(new FolderStore(root), root);
    upload = Files.writeString(root.resolve("upload"), "hello");
  }

  @Test
  void shouldKeepAnUploadUnderItsSubmissionsId() {
    UUID id = UUID.randomUUID();

    StoredSource stored = store.store(id, SourceKind.PY, upload, "agent.py");

    assertThat(stored).isEqualTo(new StoredSource(SourceKind.PY, SHA256_OF_HELLO, 5, "agent.py"));
    assertThat(root.resolve("sources/" + id + ".py")).hasContent("hello");
    assertThat(root.resolve("sources/.incoming")).isEmptyDirectory();
  }

  @Test
  void shouldEraseRepeatedly() {
    UUID id = UUID.randomUUID();
    store.store(id, SourceKind.ZIP, upload, "bot.zip");

    store.erase(id, SourceKind.ZIP);
    store.erase(id, SourceKind.ZIP);

    assertThat(store.find(id, SourceKind.ZIP)).isEmpty();
  }

  @Test
  void shouldListOnlyOldFilesNamedAfterASubmission() throws IOException {
    // Given
    UUID old = UUID.randomUUID();
    UUID recent = UUID.randomUUID();
    store.store(old, SourceKind.PY, upload, "agent.py");
    store.store(recent, SourceKind.PY, upload, "agent.py");
    Files.writeString(root.resolve("sources/README"), "not an upload");
    age(root.resolve("sources/" + old + ".py"), Duration.ofHours(2));
    age(root.resolve("sources/README"), Duration.ofHours(2));
    age(root.resolve("sources/" + recent + ".py"), Duration.ofMinutes(5));

    // When
    var candidates = store.abandonedBefore(NOW.minus(Duration.ofHours(1)));

    // Then
    assertThat(candidates)
        .containsExactly(new SourceStore.Candidate(old, "sources/" + old + ".py"));
  }

  @Test
  void shouldSweepOldUnfinishedUploads() throws IOException {
    // Given
    Path incoming = Files.createDirectories(root.resolve("sources/.incoming"));
    Path left = Files.writeString(incoming.resolve("left.part"), "half");
    Path running = Files.writeString(incoming.resolve("running.part"), "half");
    age(left, Duration.ofHours(2));
    age(running, Duration.ZERO);

    // When
    int swept = store.sweepIncoming(NOW.minus(Duration.ofHours(1)));

    // Then
    assertThat(swept).isEqualTo(1);
    assertThat(left).doesNotExist();
    assertThat(running).exists();
  }

  @Test
  void shouldFindNothingInAStoreThatWasNeverUsed() {
    SourceStore fresh =
        new SourceStore(new FolderStore(root.resolve("fresh")), root.resolve("fresh"));

    assertThat(fresh.abandonedBefore(NOW)).isEmpty();
    assertThat(fresh.sweepIncoming(NOW)).isZero();
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
  }
}
