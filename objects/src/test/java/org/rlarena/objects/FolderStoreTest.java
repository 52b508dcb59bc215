package org.rlarena.objects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FolderStoreTest extends ObjectStoreContract {

  @Override
  FolderStore store() {
    return new FolderStore(folder.resolve("objects"));
  }

  @Test
  void shouldNameAFileByItsKey() throws Exception {
    put(store(), "bundles/1.zip", "content");

    String path = store().location("bundles/1.zip", Duration.ofMinutes(1));
    assertThat(path).isEqualTo(folder.resolve("objects/bundles/1.zip").toString());
    assertThat(folder.resolve("objects/bundles/1.zip")).hasContent("content");
  }

  @Test
  void shouldTakeTheFileThatItIsGiven() throws Exception {
    put(store(), "a/1.txt", "content");

    assertThat(folder.resolve("upload")).doesNotExist();
    try (var files = Files.list(folder.resolve("objects/a"))) {
      assertThat(files).hasSize(1);
    }
  }
}
