package org.rlarena.build.cluster;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an operator can set for builds on Kubernetes; read with that backend alone. */
@ConfigMapping(prefix = "arena.build.kubernetes")
public interface ClusterConfig {

  /** Namespace of the Jobs; the service's own if not set. */
  Optional<String> namespace();

  /** Tells the Jobs of two suites in one namespace apart. */
  @WithDefault("arena")
  String instance();

  /** Account that the pods of Jobs run under; it needs no rights. */
  @WithDefault("agent-build")
  String serviceAccount();

  /** What makes the image: {@code kaniko}, {@code buildkit} or {@code buildah}. */
  @WithDefault("kaniko")
  ImageBuilder builder();

  /** Image of the builder, by digest. Needed. */
  Optional<String> builderImage();

  /**
   * Image that agents' images are made from and that the Job's other steps run in, by digest; see
   * {@code docker/agent.Dockerfile}. Needed.
   */
  Optional<String> baseImage();

  /** Registry and path below which each agent has a repository. Needed. */
  Optional<String> registry();

  /** Secret of type {@code kubernetes.io/dockerconfigjson} to pull and push with. */
  Optional<String> registrySecret();

  /** More arguments for the builder, such as {@code --registry-certificate=...}. */
  Optional<List<String>> builderArguments();

  /** Where the pods of Jobs reach this service. */
  @WithDefault("http://build-service:8084")
  URI serviceUrl();

  /** Longest time of a Job, waiting for a machine included; shorter than arena.build.timeout. */
  @WithDefault("15m")
  Duration deadline();

  /** Longest time in which nothing of a Job runs, before it is given up and tried anew. */
  @WithDefault("5m")
  Duration startTimeout();

  /** How long a Job that has ended is kept. */
  @WithDefault("10m")
  Duration keep();

  /** How often a Job is looked at when its watch tells nothing. */
  @WithDefault("15s")
  Duration reconcileInterval();

  /** How often Jobs are looked for that no attempt needs any more. */
  @WithDefault("60s")
  Duration sweepInterval();

  /** Name of a RuntimeClass such as gVisor's. */
  Optional<String> runtimeClass();

  /** Labels of the machines that builds may run on. */
  Map<String, String> nodeSelector();

  /** Whether pods get a user namespace of their own, in which root is nobody outside. */
  @WithDefault("false")
  boolean userNamespace();

  Resources resources();

  /** What one build may use. */
  interface Resources {

    /** CPU asked for and allowed, as Kubernetes writes quantities. */
    @WithDefault("1")
    String cpu();

    /** Memory asked for and allowed. */
    @WithDefault("2Gi")
    String memory();

    /** Disk asked for and allowed, for code, packages and layers together. */
    @WithDefault("10Gi")
    String disk();
  }
}
