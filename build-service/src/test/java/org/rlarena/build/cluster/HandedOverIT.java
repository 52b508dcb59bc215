package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.WithTestResource;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.testing.TestBucket;

/** Packages of Jobs in an S3 bucket, where every replica finds them. */
@BuildServiceTest
@WithTestResource(TestBucket.class)
class HandedOverIT {

  @Inject HandedOver packages;
  @Inject ObjectStore objects;

  @TempDir Path folder;

  @Test
  void shouldKeepPackagesUntilTheyAreRemoved() throws Exception {
    byte[] body = "a zip".getBytes(StandardCharsets.UTF_8);

    packages.receive("job-1", new ByteArrayInputStream(body), digest(body));
    packages.receive("job-1", new ByteArrayInputStream(body), digest(body));
    packages.sweep();

    assertThat(packages.fetch("job-1", folder.resolve("packages.zip"))).isTrue();
    assertThat(folder.resolve("packages.zip")).hasBinaryContent(body);
    packages.remove("job-1");
    assertThat(packages.fetch("job-1", folder.resolve("again.zip"))).isFalse();
    assertThat(objects.list("build-packages/")).isEmpty();
  }

  @Test
  void shouldKeepNothingOfADamagedBody() throws IOException {
    byte[] body = "a zip".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(
            () -> packages.receive("job-2", new ByteArrayInputStream(body), digest(new byte[1])))
        .isInstanceOf(HandedOver.Damaged.class);

    assertThat(packages.fetch("job-2", folder.resolve("packages.zip"))).isFalse();
  }

  private static String digest(byte[] body) throws Exception {
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(body));
  }
}
