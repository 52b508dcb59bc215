package org.rlarena.build.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.builder.WorkFolders;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.sbom.Sboms;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.TestConfig;

/** A program that behaves in every way a scanner can, in the real sandbox. */
@BuildServiceTest
class CommandScannerTest {

  @Inject BuildConfig build;
  @Inject WorkFolders folders;
  @Inject BundleStore bundles;
  @Inject Sboms sboms;

  @TempDir Path folder;

  private FakeScanner trivy;
  private Bundle bundle;

  @BeforeEach
  void install() throws IOException {
    trivy = new FakeScanner(folder.resolve("scanner"));
    Path code = Files.createDirectory(folder.resolve("code"));
    Files.writeString(code.resolve("agent.py"), "class Agent: pass\n");
    Files.writeString(code.resolve(".trivyignore"), "CVE-2026-1001\n");
    Path packages = Files.createDirectory(folder.resolve("packages"));
    Files.writeString(
        Files.createDirectory(packages.resolve("tiny_rl")).resolve("__init__.py"), "x = 1\n");
    bundle =
        bundles.store(
            new Manifest(
                Manifest.FORMAT,
                "3.11",
                "linux_x86_64",
                "agent.py",
                List.of(new Manifest.Wheel("tiny-rl", "1.0", "ab".repeat(32)))),
            code,
            packages);
  }

  @Test
  void shouldShowTheScannerTheBundleAndNothingOfOurs() {
    // When
    Scanner.Target target = target();
    Scanner.Printed printed =
        scanner(Map.of("arguments", "--skip-db-update")).scan(target, control());

    // Then
    assertThat(printed.ofImage()).isFalse();
    assertThat(TrivyReport.parse(printed.text(), Origins.BUNDLE).version()).contains("0.74.0");
    assertThat(trivy.noted("calls"))
        .startsWith(
            "rootfs --quiet --format json --scanners vuln --skip-db-update --list-all-pkgs=false"
                + " /scan\nversion --format json\n");
    assertThat(trivy.noted("seen"))
        .contains("agent.py", "bundle.cdx.json", "tiny_rl")
        .doesNotContain("planted");
    assertThat(trivy.noted("refused")).contains("/scan/planted", "/usr/planted");
    assertThat(trivy.noted("folder")).isEqualTo("/\n");
    assertThat(trivy.noted("user")).isEqualTo("65534\n");
    assertThat(trivy.noted("environment").lines().map(line -> line.split("=")[0]))
        .contains("TRIVY_CACHE_DIR", "HOME")
        .isSubsetOf(
            "TRIVY_CACHE_DIR",
            "TRIVY_DISABLE_TELEMETRY",
            "TRIVY_SKIP_VERSION_CHECK",
            "HOME",
            "LANG",
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
    assertThat(folders.present()).doesNotContain(target.runId());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "exit 1 # broke off",
        "kill -SEGV $$ # broke off",
        "cat $cache/report; exit 2 # broke off",
        "echo not json # cannot be read",
        "true # is not one",
        "yes | head -c 20000000 # too large",
        "while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done # took longer",
        "sleep 600 # took longer",
        "(sleep 600 &) ; sleep 600 # took longer"
      })
  void shouldFailTheScanAndNeverPassIt(String behaviour, String reason) {
    // Given
    trivy.behave(behaviour);
    Scanner.Target target = target();

    // When, Then
    assertThatThrownBy(
            () ->
                ScannerKind.TRIVY.parse(
                    scanner(Map.of("timeout", "2s")).scan(target, control()).text(),
                    Origins.BUNDLE))
        .isInstanceOf(ScanFailed.class)
        .hasMessageContaining(reason);
    assertThat(folders.present()).doesNotContain(target.runId());
  }

  @Test
  void shouldEndAtOnceWhenTheRunIsStopped() throws Exception {
    // Given
    trivy.behave("touch \"$cache/started\"; sleep 600");
    RunControl control = control();

    // When
    CompletableFuture<Void> run = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    scanner(Map.of()).scan(target(), control);
                    run.complete(null);
                  } catch (RuntimeException e) {
                    run.completeExceptionally(e);
                  }
                });
    await().until(() -> Files.exists(trivy.cache().resolve("started")));
    control.stop();

    // Then
    assertThatThrownBy(() -> run.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(RunStopped.class);
    thread.join(Duration.ofSeconds(20));
  }

  @Test
  void shouldSayThatTheScannerIsNotInstalled() {
    assertThat(scanner(Map.of("command", folder.resolve("missing").toString())).problem(target()))
        .contains("The scanner trivy is not installed here.");
    assertThat(scanner(Map.of()).problem(target())).isEmpty();
  }

  @Test
  void shouldFailTheScanOfABundleThatIsGone() {
    // Given
    Bundle gone = new Bundle("bundles/gone.zip", "gone", 1, "3.11", "linux_x86_64");

    // When, Then
    assertThatThrownBy(
            () ->
                scanner(Map.of())
                    .scan(
                        new Scanner.Target(
                            UUID.randomUUID(),
                            UUID.randomUUID(),
                            UUID.randomUUID(),
                            gone,
                            Optional.empty()),
                        control()))
        .isInstanceOf(ScanFailed.class);
  }

  private CommandScanner scanner(Map<String, String> settings) {
    return new CommandScanner(config(settings), build, folders, bundles, sboms);
  }

  private ScanConfig config(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    all.put("arena.build.scan.scanner", "trivy");
    all.put("arena.build.scan.command", trivy.program().toString());
    all.put("arena.build.scan.cache-dir", trivy.cache().toString());
    all.put("arena.build.scan.timeout", "30s");
    settings.forEach((name, value) -> all.put("arena.build.scan." + name, value));
    return TestConfig.scan(all);
  }

  private Scanner.Target target() {
    return new Scanner.Target(
        UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), bundle, Optional.empty());
  }

  private static RunControl control() {
    return new RunControl(Duration.ofMinutes(2));
  }
}
