package org.rlarena.build.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.cyclonedx.Version;
import org.cyclonedx.exception.ParseException;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.parsers.JsonParser;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.testing.BuildServiceTest;

/** Read back with the library of CycloneDX, and held against its schema. */
@BuildServiceTest
class SbomsTest {

  private static final String SHA256 = "ab".repeat(32);

  @Inject Sboms sboms;
  @Inject BundleStore bundles;

  @ConfigProperty(name = "arena.objects.root")
  Path objects;

  @TempDir Path folder;

  @Test
  void shouldNameEveryWheel() throws IOException, ParseException {
    // Given
    Bundle bundle =
        bundle(
            new Manifest.Wheel("Tiny_RL", "1.0+cpu.1", SHA256),
            new Manifest.Wheel("numba", "0.62.1", SHA256));

    // When
    byte[] document = sboms.of(bundle);

    // Then
    JsonParser parser = new JsonParser();
    assertThat(parser.validate(document, Version.VERSION_16)).isEmpty();
    Bom bom = parser.parse(document);
    assertThat(bom.getMetadata().getComponent().getVersion()).isEqualTo(bundle.sha256());
    assertThat(bom.getComponents())
        .extracting(Component::getName, Component::getVersion, Component::getPurl)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "Tiny_RL", "1.0+cpu.1", "pkg:pypi/tiny-rl@1.0%2Bcpu.1"),
            org.assertj.core.groups.Tuple.tuple("numba", "0.62.1", "pkg:pypi/numba@0.62.1"));
    assertThat(bom.getComponents().getFirst().getHashes().getFirst().getValue()).isEqualTo(SHA256);
    assertThat(objects.resolve("sboms/" + bundle.sha256() + ".cdx.json"))
        .hasBinaryContent(document);
  }

  @Test
  void shouldBeTheSameHoweverOftenItIsMade() throws IOException {
    // Given
    Bundle bundle = bundle();
    byte[] first = sboms.of(bundle);

    // When
    Files.delete(objects.resolve("sboms/" + bundle.sha256() + ".cdx.json"));

    // Then
    assertThat(sboms.of(bundle)).isEqualTo(first);
  }

  @Test
  void shouldFailForABundleThatIsGone() {
    Bundle gone = new Bundle("bundles/gone.zip", "gone", 1, "3.11", "linux_x86_64");
    assertThatThrownBy(() -> sboms.of(gone)).isInstanceOf(PlatformFault.class);
  }

  private Bundle bundle(Manifest.Wheel... wheels) throws IOException {
    Path code = Files.createTempDirectory(folder, "code");
    Files.writeString(code.resolve("agent.py"), "class Agent: pass\n");
    return bundles.store(
        new Manifest(Manifest.FORMAT, "3.11", "linux_x86_64", "agent.py", List.of(wheels)),
        code,
        folder.resolve("none"));
  }
}
