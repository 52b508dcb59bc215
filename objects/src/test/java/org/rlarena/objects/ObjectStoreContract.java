package org.rlarena.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.objects.ObjectStore.Listed;

/** What services rely on, whichever store the settings choose. */
abstract class ObjectStoreContract {

  @TempDir Path folder;

  abstract ObjectStore store();

  @Test
  void shouldGiveBackWhatWasPut() throws Exception {
    ObjectStore store = store();

    put(store, "a/1.txt", "hello");

    StoredContent found = store.find("a/1.txt").orElseThrow();
    assertThat(found.bytes()).isEqualTo(5);
    assertThat(read(found)).isEqualTo("hello");
    found.copyTo(folder.resolve("copy"));
    assertThat(folder.resolve("copy")).hasContent("hello");
  }

  @Test
  void shouldPutAnotherInItsPlace() throws Exception {
    ObjectStore store = store();
    put(store, "b/1.txt", "first");

    put(store, "b/1.txt", "second");

    assertThat(read(store.find("b/1.txt").orElseThrow())).isEqualTo("second");
  }

  @Test
  void shouldPutAnEmptyObject() throws Exception {
    ObjectStore store = store();

    put(store, "empty/1.txt", "");

    assertThat(read(store.find("empty/1.txt").orElseThrow())).isEmpty();
  }

  @Test
  void shouldHaveNothingUnderAnUnknownKey() throws Exception {
    assertThat(store().find("none/1.txt")).isEmpty();
    store().delete("none/1.txt");
  }

  @Test
  void shouldListOneFolderWithoutThoseInIt() throws Exception {
    ObjectStore store = store();
    put(store, "d/1.txt", "1");
    put(store, "d/2.txt", "2");
    put(store, "d/e/3.txt", "3");
    put(store, "dd/4.txt", "4");

    var found = store.list("d/");

    assertThat(found).extracting(Listed::key).containsExactlyInAnyOrder("d/1.txt", "d/2.txt");
    assertThat(found).allMatch(o -> o.modified().isAfter(Instant.now().minusSeconds(3600)));
    assertThat(store.list("nowhere/")).isEmpty();
  }

  @Test
  void shouldForgetWhatWasDeleted() throws Exception {
    ObjectStore store = store();
    put(store, "f/1.txt", "1");

    store.delete("f/1.txt");
    store.delete("f/1.txt");

    assertThat(store.find("f/1.txt")).isEmpty();
  }

  void put(ObjectStore store, String key, String content)
      throws IOException, NoSuchAlgorithmException {
    Path file = Files.writeString(folder.resolve("upload"), content);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
    store.put(key, file, HexFormat.of().formatHex(digest));
  }

  static String read(StoredContent content) throws IOException {
    try (InputStream in = content.open()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
