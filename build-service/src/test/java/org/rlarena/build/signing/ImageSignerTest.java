package org.rlarena.build.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.testing.TestConfig;

/** A program that behaves in every way cosign can. */
class ImageSignerTest {

  private static final UUID AGENT = UUID.fromString("7f8d1c55-93a8-4f0e-8a3a-0d2a35a3e3b1");
  private static final String DIGEST = "sha256:" + "d".repeat(64);

  @TempDir Path folder;

  private FakeCosign cosign;

  @BeforeEach
  void install() {
    cosign = new FakeCosign(folder.resolve("cosign"));
  }

  @Test
  void shouldSignTheDigestAndNameTheAgent() {
    // When
    signer(Map.of("arguments", "--registry-cacert=/ca.pem")).sign(AGENT, DIGEST, control());

    // Then
    assertThat(cosign.calls())
        .containsExactly(
            "sign --key=%s --tlog-upload=false --yes --annotations=org.rlarena.agent=%s"
                    .formatted(cosign.key(), AGENT)
                + " --registry-cacert=/ca.pem registry.example.org/agents/%s@%s"
                    .formatted(AGENT, DIGEST));
    assertThat(cosign.noted("folder")).isEqualTo("/\n");
    assertThat(cosign.noted("environment")).contains("COSIGN_PASSWORD=secret of the key\n");
    assertThat(cosign.noted("environment").lines().map(line -> line.split("=")[0]))
        .isSubsetOf(
            "COSIGN_PASSWORD",
            "DOCKER_CONFIG",
            "HOME",
            "PATH",
            "PWD",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR");
  }

  @Test
  void shouldGiveAnEmptyPasswordToAKeyWithoutOne() {
    // When
    signer(Map.of("password-file", "")).sign(AGENT, DIGEST, control());

    // Then
    assertThat(cosign.noted("environment")).contains("COSIGN_PASSWORD=\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'registry-of-ours: 401' >&2; exit 1",
        "kill -SEGV $$",
        "sleep 600",
        "(sleep 600 &) ; sleep 600"
      })
  void shouldBlameThePlatformWhenTheImageIsNotSigned(String behaviour) {
    // Given
    cosign.sign(behaviour);

    // When, Then
    assertThatThrownBy(() -> signer(Map.of("timeout", "2s")).sign(AGENT, DIGEST, control()))
        .isInstanceOf(PlatformFault.class)
        .hasMessage("The image could not be signed.");
  }

  @Test
  void shouldBlameThePlatformWhenTheProgramOrThePasswordIsGone() throws IOException {
    // Given
    ImageSigner signer = signer(Map.of());
    Files.delete(cosign.password());

    // When, Then
    assertThatThrownBy(() -> signer.sign(AGENT, DIGEST, control()))
        .isInstanceOf(PlatformFault.class)
        .hasMessageNotContaining(folder.toString());

    // Given
    Files.writeString(cosign.password(), "again");
    Files.delete(cosign.program());

    // When, Then
    assertThatThrownBy(() -> signer.sign(AGENT, DIGEST, control()))
        .isInstanceOf(PlatformFault.class)
        .hasMessageNotContaining(folder.toString());
  }

  @Test
  void shouldBlameThePlatformWhenTheRunHasNoTimeLeft() {
    // Given
    cosign.sign("sleep 600");

    // When, Then
    assertThatThrownBy(
            () -> signer(Map.of()).sign(AGENT, DIGEST, new RunControl(Duration.ofMillis(500))))
        .isInstanceOf(PlatformFault.class)
        .hasMessage("The image could not be signed in time.");
  }

  @Test
  void shouldEndAtOnceWhenTheRunIsStopped() {
    // Given
    cosign.sign("touch \"$folder/started\"; sleep 600");
    RunControl control = control();

    // When
    CompletableFuture<Void> run = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                signer(Map.of()).sign(AGENT, DIGEST, control);
                run.complete(null);
              } catch (RuntimeException e) {
                run.completeExceptionally(e);
              }
            });
    await().until(() -> cosign.has("started"));
    control.stop();

    // Then
    assertThatThrownBy(() -> run.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(RunStopped.class);
  }

  @Test
  void shouldOpenTheKeyAtTheStart() {
    // When
    signer(Map.of()).start(null);

    // Then
    assertThat(cosign.calls()).containsExactly("public-key --key=" + cosign.key());
    assertThat(cosign.noted("environment")).contains("COSIGN_PASSWORD=secret of the key\n");
  }

  @Test
  void shouldDoNothingWithoutAKey() {
    // Given
    ImageSigner signer = signer(Map.of("key", ""));

    // When
    signer.start(null);

    // Then
    assertThat(signer.isOn()).isFalse();
    assertThat(cosign.calls()).isEmpty();
  }

  @Test
  void shouldRefuseToStartWithoutTheProgramOrTheKey() {
    assertThatThrownBy(() -> signer(Map.of("command", "no-such-cosign")).start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.signing.command")
        .hasMessageContaining("no program no-such-cosign");
    assertThatThrownBy(() -> signer(Map.of("key", "/no/such.key")).start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.signing.key: /no/such.key cannot be read");
    assertThatThrownBy(() -> signer(Map.of("password-file", "/no/password")).start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/no/password");
  }

  @Test
  void shouldRefuseToStartWithAKeyThatCannotBeOpened() {
    // Given
    cosign.open("echo 'decrypt: encrypted: decryption failed' >&2; exit 1");

    // When, Then
    assertThatThrownBy(() -> signer(Map.of()).start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.signing.password-file")
        .hasMessageContaining("decryption failed")
        .hasMessageNotContaining("secret of the key");
  }

  @Test
  void shouldRefuseToStartWhereAuthorsPackagesRunBesideTheKey() {
    // Given
    ImageSigner local = signer(Map.of(), "local");

    // When, Then
    assertThatThrownBy(() -> local.start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.backend=local");
    assertThatCode(() -> signer(Map.of("key", ""), "local").start(null)).doesNotThrowAnyException();
  }

  private ImageSigner signer(Map<String, String> settings) {
    return signer(settings, "kubernetes");
  }

  private ImageSigner signer(Map<String, String> settings, String backend) {
    Map<String, String> all = new HashMap<>();
    all.put("arena.build.signing.command", cosign.program().toString());
    all.put("arena.build.signing.key", cosign.key().toString());
    all.put("arena.build.signing.password-file", cosign.password().toString());
    settings.forEach((name, value) -> all.put("arena.build.signing." + name, value));
    return new ImageSigner(
        TestConfig.signing(all),
        TestConfig.build(Map.of("arena.build.backend", backend)),
        TestConfig.cluster(Map.of()));
  }

  private static RunControl control() {
    return new RunControl(Duration.ofMinutes(2));
  }
}
