package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.Scanner;

/**
 * The Job of one scan of one image: the same target gives the same Job. Its name derives from the
 * run, so no report of an earlier run is ever taken for this one's. The pod gets no token of any
 * kind but, where the registry asks for one, a Secret to pull with; it tells its report by its log.
 */
final class ScanJobs {

  static final String SCANNER = "scanner";
  static final String RUN_LABEL = "rl-arena.org/scan";

  private static final String REGISTRY_FOLDER = "/registry";

  private final ClusterConfig config;
  private final ScanConfig scan;
  private final String image;
  private final String registry;

  /**
   * @throws IllegalStateException naming the setting that is missing or cannot be
   */
  ScanJobs(ClusterConfig config, ScanConfig scan) {
    this.config = config;
    this.scan = scan;
    this.image =
        JobPods.byDigest("arena.build.scan.kubernetes.image", scan.kubernetes().image().orElse(""));
    this.registry = config.registry().orElse("");
  }

  static String name(UUID runId) {
    return "scan-" + runId;
  }

  /**
   * @param digest of the image to scan
   */
  Job job(Scanner.Target target, String digest) {
    Map<String, String> labels = labels(target);
    return new JobBuilder()
        .withNewMetadata()
        .withName(name(target.runId()))
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withBackoffLimit(0)
        .withActiveDeadlineSeconds(scan.timeout().toSeconds())
        .withTtlSecondsAfterFinished((int) config.keep().toSeconds())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withSpec(pod("%s/%s@%s".formatted(registry, target.agentId(), digest)))
        .endTemplate()
        .endSpec()
        .build();
  }

  private Map<String, String> labels(Scanner.Target target) {
    return new TreeMap<>(
        Map.of(
            "app.kubernetes.io/name",
            "agent-scan",
            "app.kubernetes.io/instance",
            config.instance(),
            "app.kubernetes.io/managed-by",
            "build-service",
            "app.kubernetes.io/part-of",
            "rl-arena",
            "rl-arena.org/agent",
            target.agentId().toString(),
            "rl-arena.org/submission",
            target.submissionId().toString(),
            RUN_LABEL,
            target.runId().toString()));
  }

  private PodSpec pod(String scanned) {
    return JobPods.pod(config).withContainers(scanner(scanned)).withVolumes(volumes()).build();
  }

  private Container scanner(String scanned) {
    ScanConfig.Kubernetes limits = scan.kubernetes();
    Map<String, Quantity> resources =
        new TreeMap<>(
            Map.of(
                "cpu",
                new Quantity(limits.cpu()),
                "memory",
                new Quantity(limits.memory()),
                "ephemeral-storage",
                new Quantity(limits.disk())));
    return new ContainerBuilder()
        .withName(SCANNER)
        .withImage(image)
        .withCommand(command())
        .withArgs(scan.scanner().imageArguments(scanned, scan.arguments().orElse(List.of())))
        // not where a package of the image could lay settings for the scanner
        .withWorkingDir("/tmp")
        .withEnv(environment())
        .withNewResources()
        .withRequests(resources)
        .withLimits(resources)
        .endResources()
        .withSecurityContext(JobPods.restricted())
        .withVolumeMounts(mounts())
        .build();
  }

  /** None where the report tells all: the image's own entry point is the scanner. */
  private List<String> command() {
    String program = scan.scanner().program();
    return scan.scanner()
        .versionArguments()
        .map(
            arguments ->
                List.of(
                    "sh",
                    "-c",
                    "%s \"$@\" && %s %s".formatted(program, program, String.join(" ", arguments)),
                    program))
        .orElse(List.of());
  }

  private List<EnvVar> environment() {
    Map<String, String> variables = new TreeMap<>(scan.scanner().environment("/cache"));
    variables.put("HOME", "/tmp");
    if (scan.kubernetes().registrySecret().isPresent()) {
      variables.put("DOCKER_CONFIG", REGISTRY_FOLDER);
    }
    List<EnvVar> environment = new ArrayList<>();
    variables.forEach(
        (name, value) ->
            environment.add(new EnvVarBuilder().withName(name).withValue(value).build()));
    return environment;
  }

  private List<VolumeMount> mounts() {
    List<VolumeMount> mounts =
        new ArrayList<>(List.of(JobPods.mount("tmp", "/tmp"), JobPods.mount("cache", "/cache")));
    if (scan.kubernetes().registrySecret().isPresent()) {
      mounts.add(
          new VolumeMountBuilder(JobPods.mount("registry", REGISTRY_FOLDER))
              .withReadOnly(true)
              .build());
    }
    return mounts;
  }

  private List<Volume> volumes() {
    String disk = scan.kubernetes().disk();
    List<Volume> volumes =
        new ArrayList<>(List.of(JobPods.folder("tmp", disk), JobPods.folder("cache", disk)));
    scan.kubernetes()
        .registrySecret()
        .ifPresent(secret -> volumes.add(JobPods.registrySecret(secret)));
    return volumes;
  }
}
