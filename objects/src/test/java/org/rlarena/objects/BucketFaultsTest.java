package org.rlarena.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.objects.testing.TestBucket;

/** A network that resets, cuts and stalls: nothing is half stored, and nothing half is read. */
class BucketFaultsTest {

  private static final TestBucket SERVER = new TestBucket();
  private static final int LARGE = 1 << 20;

  @TempDir Path folder;

  private FaultyNetwork network;
  private BucketStore store;
  private BucketStore direct;

  @BeforeAll
  static void start() {
    SERVER.start();
  }

  @AfterAll
  static void stop() {
    SERVER.stop();
  }

  @BeforeEach
  void connect() throws IOException {
    network = new FaultyNetwork(SERVER.port());
    store = Buckets.store(network.port(), TestBucket.NAME, TestBucket.SECRET_KEY);
    direct = Buckets.store(SERVER.port(), TestBucket.NAME, TestBucket.SECRET_KEY);
  }

  @AfterEach
  void disconnect() throws IOException {
    network.close();
  }

  /** The reset reaches the client before the body, in it, or behind it. */
  @RepeatedTest(20)
  void shouldPutDespiteAResetConnection() throws Exception {
    network.resetNext(1);

    put(store, "reset/1.bin");

    assertThat(direct.find("reset/1.bin").orElseThrow().bytes()).isEqualTo(LARGE);
  }

  @Test
  void shouldSayThatNobodyAnswers() throws Exception {
    network.close();

    assertThatThrownBy(() -> put(store, "closed/1.bin"))
        .isInstanceOf(ObjectsUnavailable.class)
        .hasMessageContaining("cannot be reached");
    assertThatThrownBy(() -> store.find("closed/1.bin")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> store.list("closed/")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> store.delete("closed/1.bin")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(store::requireBucket).hasMessageContaining("cannot be reached");
  }

  @Test
  void shouldLeaveNothingOfAnUploadThatIsCut() throws Exception {
    network.cutRequestsAfter(LARGE / 2);

    assertThatThrownBy(() -> put(store, "cut/1.bin")).isInstanceOf(ObjectsUnavailable.class);

    assertThat(direct.find("cut/1.bin")).isEmpty();
    assertThat(direct.list("cut/")).isEmpty();
  }

  @Test
  void shouldKeepTheOldObjectWhenItsSuccessorIsCut() throws Exception {
    put(direct, "kept/1.bin");
    network.cutRequestsAfter(LARGE / 2);

    assertThatThrownBy(() -> put(store, "kept/1.bin")).isInstanceOf(ObjectsUnavailable.class);

    assertThat(read(direct, "kept/1.bin")).hasSize(LARGE);
  }

  @Test
  void shouldGiveUpOnAServerThatIsSilent() {
    network.stallAnswersAfter(0);

    assertThatThrownBy(() -> store.find("silent/1.bin")).isInstanceOf(ObjectsUnavailable.class);
  }

  @Test
  void shouldNotTakeAnAnswerThatIsCutForTheObject() throws Exception {
    put(direct, "cut-answer/1.bin");
    network.cutAnswersAfter(LARGE / 2);

    assertThatThrownBy(() -> read(store, "cut-answer/1.bin"))
        .isInstanceOf(ObjectsUnavailable.class);
  }

  @Test
  void shouldGiveUpOnAnAnswerThatStalls() throws Exception {
    put(direct, "stall/1.bin");
    network.stallAnswersAfter(LARGE / 2);

    assertThatThrownBy(() -> read(store, "stall/1.bin")).isInstanceOf(ObjectsUnavailable.class);
  }

  @Test
  void shouldNotWaitForWhatIsNotReadAnyMore() throws Exception {
    put(direct, "part/1.bin");
    network.stallAnswersAfter(LARGE / 2);

    try (InputStream in = store.find("part/1.bin").orElseThrow().open()) {
      assertThat(in.read()).isNotNegative();
    }
  }

  private void put(ObjectStore store, String key) throws Exception {
    byte[] content = new byte[LARGE];
    Path file = Files.write(folder.resolve("upload"), content);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
    store.put(key, file, HexFormat.of().formatHex(digest));
  }

  private static byte[] read(ObjectStore store, String key) throws IOException {
    try (InputStream in = store.find(key).orElseThrow().open()) {
      return in.readAllBytes();
    }
  }
}
