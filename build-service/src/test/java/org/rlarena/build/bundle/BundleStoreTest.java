package org.rlarena.build.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.TimeZone;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.testing.TestConfig;
import org.rlarena.objects.FolderStore;

class BundleStoreTest {

  private static final List<Manifest.Wheel> WHEELS =
      List.of(new Manifest.Wheel("zeta", "1", "b"), new Manifest.Wheel("alpha", "2", "a"));

  @TempDir Path folder;

  @Test
  void shouldPackCodeManifestAndPackagesInOrder() throws Exception {
    // Given
    Path code = write("one/code", "agent.py", "main", "data/z.bin", "z", "a.txt", "a");
    Path packages = write("one/packages", "tiny/__init__.py", "x");

    // When
    Bundle bundle = store().store(manifest(WHEELS), code, packages);

    // Then
    Path file = folder.resolve("objects").resolve(bundle.key());
    assertThat(bundle.key()).isEqualTo("bundles/" + bundle.sha256() + ".zip");
    assertThat(bundle.bytes()).isEqualTo(Files.size(file));
    assertThat(bundle.sha256())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertThat(Collections.list(zip.entries()))
          .extracting(ZipEntry::getName)
          .containsExactly(
              "code/a.txt",
              "code/agent.py",
              "code/data/z.bin",
              "manifest.json",
              "packages/tiny/__init__.py");
      assertThat(new String(zip.getInputStream(zip.getEntry("manifest.json")).readAllBytes()))
          .isEqualTo(
              "{\"format\":1,\"pythonMinor\":\"3.11\",\"platform\":\"linux_x86_64\","
                  + "\"entry\":\"agent.py\",\"wheels\":["
                  + "{\"name\":\"alpha\",\"version\":\"2\",\"sha256\":\"a\"},"
                  + "{\"name\":\"zeta\",\"version\":\"1\",\"sha256\":\"b\"}]}");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void shouldGiveEqualContentOneBundle() throws IOException {
    // Given
    Path first = write("one/code", "agent.py", "same", "b.py", "b");
    Path second = write("two/code", "b.py", "b", "agent.py", "same");
    Files.setLastModifiedTime(
        second.resolve("agent.py"), FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
    Files.setPosixFilePermissions(
        second.resolve("b.py"), PosixFilePermissions.fromString("rwx------"));

    // When
    Bundle one = store().store(manifest(WHEELS), first, folder.resolve("none"));
    Bundle two =
        inZone(
            "Pacific/Chatham",
            () -> store().store(manifest(WHEELS.reversed()), second, folder.resolve("none")));

    // Then
    assertThat(two).isEqualTo(one);
    try (Stream<Path> files = Files.list(folder.resolve("objects/bundles"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void shouldLeaveOutLinks() throws IOException {
    // Given
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Path code = write("one/code", "agent.py", "x");
    Files.createSymbolicLink(code.resolve("link.txt"), secret);
    Files.createSymbolicLink(code.resolve("folder"), folder);

    // When
    Bundle bundle = store().store(manifest(List.of()), code, folder.resolve("none"));

    // Then
    try (ZipFile zip = new ZipFile(folder.resolve("objects").resolve(bundle.key()).toFile())) {
      assertThat(Collections.list(zip.entries()))
          .extracting(ZipEntry::getName)
          .containsExactly("code/agent.py", "manifest.json");
    }
  }

  @Test
  void shouldTellWhetherABundleIsThere() throws IOException {
    // Given
    Path code = write("one/code", "agent.py", "x");
    Bundle bundle = store().store(manifest(List.of()), code, folder.resolve("none"));

    // When
    Files.delete(folder.resolve("objects").resolve(bundle.key()));

    // Then
    assertThat(store().has(bundle)).isFalse();
  }

  @Test
  void shouldRemoveOldLeftoversAlone() throws IOException {
    // Given
    Bundle bundle =
        store()
            .store(manifest(List.of()), write("one/code", "agent.py", "x"), folder.resolve("no"));
    Path file = folder.resolve("objects").resolve(bundle.key());
    Path bundles = file.getParent();
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
    Path dead = Files.createFile(bundles.resolve("bundle-1.part"));
    Path writing = Files.createFile(bundles.resolve("bundle-2.part"));
    Files.setLastModifiedTime(dead, old);
    Files.setLastModifiedTime(file, old);

    // When
    store().sweep();

    // Then
    assertThat(dead).doesNotExist();
    assertThat(writing).exists();
    assertThat(store().has(bundle)).isTrue();
  }

  private BundleStore store() {
    Path root = folder.resolve("objects");
    return new BundleStore(new FolderStore(root), TestConfig.objects(root), new ObjectMapper());
  }

  private static Manifest manifest(List<Manifest.Wheel> wheels) {
    return new Manifest(Manifest.FORMAT, "3.11", "linux_x86_64", "agent.py", wheels);
  }

  private Path write(String root, String... namesAndContents) throws IOException {
    Path target = folder.resolve(root);
    for (int i = 0; i < namesAndContents.length; i += 2) {
      Path file = target.resolve(namesAndContents[i]);
      Files.createDirectories(file.getParent());
      Files.writeString(file, namesAndContents[i + 1]);
    }
    return target;
  }

  private static <T> T inZone(String zone, Supplier<T> work) {
    TimeZone before = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone(zone));
    try {
      return work.get();
    } finally {
      TimeZone.setDefault(before);
    }
  }
}
