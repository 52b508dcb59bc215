package org.rlarena.build.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.python.Programs;
import org.rlarena.build.testing.TestConfig;

/**
 * The real cosign, which {@code ARENA_TEST_COSIGN} names, and a real registry of its own, Debian's
 * {@code docker-registry}. Executors' tests verify with the words that they use.
 */
class RealCosignTest {

  private static final int UNSIGNED = 10;
  private static final int NOT_BY_THIS_KEY = 12;

  @TempDir Path folder;

  private String cosign;
  private TestRegistry registry;

  @BeforeEach
  void start() throws Exception {
    cosign = System.getenv("ARENA_TEST_COSIGN");
    assumeTrue(cosign != null, "ARENA_TEST_COSIGN names no cosign: none is tried");
    Optional<Path> server = Programs.find("docker-registry");
    assumeTrue(server.isPresent(), "docker-registry is not installed: no cosign is tried");
    registry = TestRegistry.start(server.get(), folder.resolve("registry"));
    Files.writeString(folder.resolve("password"), "secret of the key\n");
    makeKey("own");
    makeKey("other");
  }

  @AfterEach
  void stop() {
    if (registry != null) {
      registry.close();
    }
  }

  @Test
  void shouldSignSoThatThisImageOfThisAgentAloneVerifies() throws Exception {
    // Given
    UUID agent = UUID.randomUUID();
    String digest = registry.push("agents/" + agent, "first");
    String changed = registry.push("agents/" + agent, "changed");
    ImageSigner signer = signer("own", "password");
    signer.start(null);

    // When
    signer.sign(agent, digest, control());
    signer.sign(agent, digest, control());

    // Then
    assertThat(verify("own", agent, agent, digest)).isZero();
    assertThat(verify("other", agent, agent, digest)).isEqualTo(NOT_BY_THIS_KEY);
    assertThat(verify("own", agent, UUID.randomUUID(), digest)).isEqualTo(NOT_BY_THIS_KEY);
    assertThat(verify("own", agent, agent, changed)).isEqualTo(UNSIGNED);
    assertThat(registry.layers("agents/" + agent, digest.replace(':', '-') + ".sig"))
        .as("signatures after signing twice")
        .isEqualTo(1);
  }

  @Test
  void shouldBlameThePlatformWhenTheRegistryIsAway() throws Exception {
    // Given
    UUID agent = UUID.randomUUID();
    String digest = registry.push("agents/" + agent, "first");
    registry.close();

    // When, Then
    assertThatThrownBy(() -> signer("own", "password").sign(agent, digest, control()))
        .isInstanceOf(PlatformFault.class);
  }

  @Test
  void shouldRefuseToStartWithAnotherPassword() throws Exception {
    // Given
    Files.writeString(folder.resolve("wrong"), "secret of another");

    // When, Then
    assertThatThrownBy(() -> signer("own", "wrong").start(null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("decryption failed");
  }

  private ImageSigner signer(String key, String password) {
    return new ImageSigner(
        TestConfig.signing(
            Map.of(
                "arena.build.signing.command", cosign,
                "arena.build.signing.key", folder.resolve(key + ".key").toString(),
                "arena.build.signing.password-file", folder.resolve(password).toString())),
        TestConfig.build(Map.of("arena.build.backend", "kubernetes")),
        TestConfig.cluster(
            Map.of("arena.build.kubernetes.registry", registry.address() + "/agents")));
  }

  private void makeKey(String name) throws IOException, InterruptedException {
    assertThat(run("generate-key-pair", "--output-key-prefix=" + folder.resolve(name))).isZero();
  }

  /** The exit status of what an executor runs. */
  private int verify(String key, UUID repository, UUID agent, String digest)
      throws IOException, InterruptedException {
    return run(
        "verify",
        "--key=" + folder.resolve(key + ".pub"),
        "--insecure-ignore-tlog=true",
        "--annotations=org.rlarena.agent=" + agent,
        "%s/agents/%s@%s".formatted(registry.address(), repository, digest));
  }

  private int run(String... arguments) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(cosign));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("COSIGN_PASSWORD", "secret of the key");
    builder.environment().put("SIGSTORE_REKOR_PUBLIC_KEY", "/dev/null");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static RunControl control() {
    return new RunControl(Duration.ofMinutes(1));
  }
}
