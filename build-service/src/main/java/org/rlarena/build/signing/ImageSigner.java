package org.rlarena.build.signing;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.cluster.ClusterConfig;
import org.rlarena.build.python.LastLines;
import org.rlarena.build.python.Processes;
import org.rlarena.build.python.Programs;

/**
 * Signs images by the operator's cosign, with a key that is in this process' reach alone: Jobs, in
 * which pip and builders run, never see it. The signature lies beside the image in the registry and
 * names the agent, so that it does not hold for a copy under another agent's name.
 *
 * <p>Signing twice is harmless: cosign finds the signature of before and leaves it.
 */
@ApplicationScoped
public class ImageSigner {

  /** Annotation with the agent's id; executors ask for it. */
  static final String AGENT = "org.rlarena.agent";

  private static final Logger LOG = Logger.getLogger(ImageSigner.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  private final SigningConfig config;
  private final BuildConfig.Backend backend;
  private final String registry;

  ImageSigner(SigningConfig config, BuildConfig build, ClusterConfig cluster) {
    this.config = config;
    this.backend = build.backend();
    this.registry = cluster.registry().orElse("");
  }

  /**
   * Opens the key once, so that what is missing or wrong stops the service and not the first build.
   *
   * @throws IllegalStateException naming the setting
   */
  void start(@Observes StartupEvent event) {
    if (!isOn()) {
      return;
    }
    if (backend != BuildConfig.Backend.KUBERNETES) {
      throw new IllegalStateException(
          "arena.build.signing.key is set, and arena.build.backend=local makes no images and runs"
              + " authors' packages beside the key; remove it, or build on Kubernetes");
    }
    if (Programs.find(config.command()).isEmpty()) {
      throw new IllegalStateException(
          "arena.build.signing.key is set, and there is no program %s; put cosign 2 on the PATH of"
                  .formatted(config.command())
              + " this service, or name it by arena.build.signing.command");
    }
    if (!Files.isReadable(key())) {
      throw new IllegalStateException(
          "arena.build.signing.key: %s cannot be read by this service".formatted(key()));
    }
    try {
      LastLines complaints = new LastLines();
      Processes.Result result =
          cosign(
              List.of("public-key", "--key=" + key()),
              START_LIMIT,
              complaints,
              new RunControl(START_LIMIT.multipliedBy(2)));
      if (!result.succeeded()) {
        throw new IllegalStateException(
            "arena.build.signing.key cannot be opened; is it a key of cosign's, and its password in"
                + " arena.build.signing.password-file? cosign says: "
                + complaints);
      }
    } catch (IOException | PlatformFault e) {
      throw new IllegalStateException(
          "arena.build.signing.key cannot be opened: " + e.getMessage(), e);
    }
    LOG.info("Images of agents are signed");
  }

  /** Whether images are to be signed at all. */
  public boolean isOn() {
    return config.key().isPresent();
  }

  /**
   * Signs an image of an agent, by its digest.
   *
   * @throws PlatformFault if it is not signed afterwards, for whatever reason
   * @throws org.rlarena.build.RunStopped if the run was stopped meanwhile
   */
  public void sign(UUID agentId, String digest, RunControl control) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "sign",
                "--key=" + key(),
                // no log of the world's, which would tell everybody of every agent
                "--tlog-upload=false",
                "--yes",
                "--annotations=" + AGENT + "=" + agentId));
    arguments.addAll(config.arguments().orElse(List.of()));
    arguments.add("%s/%s@%s".formatted(registry, agentId, digest));
    LastLines complaints = new LastLines();
    try {
      Processes.Result result = cosign(arguments, config.timeout(), complaints, control);
      if (!result.succeeded()) {
        LOG.warnf(
            "cosign %s: %s",
            result.timedOut() ? "took too long" : "ended with status " + result.status(),
            complaints);
        throw new PlatformFault("The image could not be signed.");
      }
    } catch (IOException e) {
      throw new PlatformFault("The image could not be signed: the key's password is away.", e);
    } catch (BuildFailed late) {
      // the run's own deadline, of which a signature takes the least
      throw new PlatformFault("The image could not be signed in time.", late);
    }
  }

  private Processes.Result cosign(
      List<String> arguments, Duration limit, LastLines complaints, RunControl control)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Programs.find(config.command()).map(Path::toString).orElse(config.command()));
    words.addAll(arguments);
    return Processes.run(
        new Processes.Command(words, environment(), Path.of("/"), limit), complaints, control);
  }

  private Map<String, String> environment() throws IOException {
    Map<String, String> environment = new TreeMap<>(Programs.network());
    environment.put("PATH", Programs.searchPath());
    // where the credentials of the registry are
    for (String name : List.of("DOCKER_CONFIG", "HOME")) {
      Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
    }
    // set in any case: cosign would ask for one
    environment.put("COSIGN_PASSWORD", password());
    return environment;
  }

  private String password() throws IOException {
    return config.passwordFile().isEmpty()
        ? ""
        : Files.readString(config.passwordFile().get()).replaceAll("\\R$", "");
  }

  private Path key() {
    return config.key().orElseThrow().toAbsolutePath();
  }
}
