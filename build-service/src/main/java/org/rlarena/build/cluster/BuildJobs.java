package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.builder.Builder;

/**
 * The Job of one run of an attempt: the same request and token give the same Job. Its name derives
 * from the attempt and the faults it has met, so a worker that takes over finds the Job of the one
 * that died, and a new try never meets the Job of an old one.
 *
 * <p>Three steps prepare the context, in a restricted pod's terms; the token is seen by the first
 * and the third alone, pip runs in the second. The last container is the image builder's.
 */
final class BuildJobs {

  static final String SOURCE = "source";
  static final String PACKAGES = "packages";
  static final String HAND_OVER = "hand-over";
  static final String BUILDER = "builder";

  static final String ATTEMPT_LABEL = "rl-arena.org/attempt-id";
  static final String TRY_LABEL = "rl-arena.org/try";

  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*");

  private final ClusterConfig config;
  private final BuildConfig build;
  private final String baseImage;
  private final String builderImage;
  private final String registry;

  /**
   * @throws IllegalStateException naming the setting that is missing or cannot be
   */
  BuildJobs(ClusterConfig config, BuildConfig build) {
    this.config = config;
    this.build = build;
    this.baseImage =
        JobPods.byDigest("arena.build.kubernetes.base-image", config.baseImage().orElse(""));
    this.builderImage =
        JobPods.byDigest("arena.build.kubernetes.builder-image", config.builderImage().orElse(""));
    this.registry = config.registry().orElse("");
    if (!REPOSITORY.matcher(registry).matches()) {
      throw new IllegalStateException(
          "arena.build.kubernetes.registry must name a registry and a path in it, such as"
              + " registry.example.org/agents");
    }
    if (config.deadline().compareTo(build.timeout()) >= 0) {
      throw new IllegalStateException(
          "arena.build.kubernetes.deadline must be shorter than arena.build.timeout");
    }
  }

  /** The registry and the host of this service, which build logs do not show. */
  List<String> hidden() {
    URI service = config.serviceUrl();
    return List.of(registry, service.getAuthority());
  }

  /** How long the token of a Job has to be good for: until no pod of it can run any more. */
  Duration tokenLifetime() {
    return config.deadline().plusMinutes(1);
  }

  /** What all Jobs of this suite, and their pods, carry. */
  Map<String, String> selector() {
    return Map.of(
        "app.kubernetes.io/name",
        "agent-build",
        "app.kubernetes.io/instance",
        config.instance(),
        "app.kubernetes.io/managed-by",
        "build-service");
  }

  static String name(UUID attemptId, int faults) {
    return "build-" + attemptId + "-" + faults;
  }

  /**
   * @param token with which the Job's steps fetch the source and hand over the packages
   */
  Job job(Builder.Request request, String token) {
    Map<String, String> labels = labels(request);
    return new JobBuilder()
        .withNewMetadata()
        .withName(name(request.attemptId(), request.faults()))
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        // retries are the attempt's, which knows why it is tried again
        .withBackoffLimit(0)
        .withActiveDeadlineSeconds(config.deadline().toSeconds())
        .withTtlSecondsAfterFinished((int) config.keep().toSeconds())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withSpec(pod(request, token))
        .endTemplate()
        .endSpec()
        .build();
  }

  private Map<String, String> labels(Builder.Request request) {
    Map<String, String> labels = new TreeMap<>(selector());
    labels.put("app.kubernetes.io/part-of", "rl-arena");
    labels.put("rl-arena.org/agent", request.agentId().toString());
    labels.put("rl-arena.org/submission", request.submissionId().toString());
    labels.put("rl-arena.org/version", String.valueOf(request.version()));
    labels.put("rl-arena.org/attempt", String.valueOf(request.attempt()));
    labels.put(ATTEMPT_LABEL, request.attemptId().toString());
    labels.put(TRY_LABEL, String.valueOf(request.faults()));
    return labels;
  }

  private PodSpec pod(Builder.Request request, String token) {
    return JobPods.pod(config)
        .withInitContainers(
            step(SOURCE, "256Mi", sourceVariables(request, token)),
            step(PACKAGES, config.resources().memory(), packagesVariables(request)),
            step(HAND_OVER, "256Mi", serviceVariables(token)))
        .withContainers(builder(request))
        .withVolumes(volumes())
        .build();
  }

  private Container step(String name, String memory, List<EnvVar> variables) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(baseImage)
        .withCommand("/opt/agent/venv/bin/python", "-I", "/opt/arena/build/steps.py")
        .withArgs(name)
        .withEnv(variables)
        .withResources(resources(memory))
        .withSecurityContext(JobPods.restricted())
        .withVolumeMounts(JobPods.mount("workspace", "/workspace"), JobPods.mount("tmp", "/tmp"))
        .build();
  }

  private List<EnvVar> serviceVariables(String token) {
    return List.of(
        variable("ARENA_BUILD_URL", config.serviceUrl().toString().replaceAll("/$", "")),
        variable("ARENA_BUILD_TOKEN", token));
  }

  private List<EnvVar> sourceVariables(Builder.Request request, String token) {
    return Stream.concat(
            serviceVariables(token).stream(),
            Stream.of(
                variable("ARENA_BUILD_SOURCE_KIND", request.source().kind()),
                variable("ARENA_BUILD_SOURCE_BYTES", String.valueOf(request.source().bytes())),
                variable("ARENA_BUILD_SOURCE_SHA256", request.source().sha256())))
        .toList();
  }

  private List<EnvVar> packagesVariables(Builder.Request request) {
    BuildConfig.Limits limits = build.limits();
    return List.of(
        variable("HOME", "/tmp"),
        variable("ARENA_BUILD_DOCKERFILE", Dockerfile.of(request, baseImage)),
        variable(
            "ARENA_BUILD_PIP_ARGUMENTS",
            Serialization.asJson(build.pipArguments().orElse(List.of()))),
        variable("ARENA_BUILD_MAX_PACKAGES", String.valueOf(limits.packages())),
        variable("ARENA_BUILD_MAX_PACKAGE_BYTES", String.valueOf(limits.packageBytes())));
  }

  private Container builder(Builder.Request request) {
    String image =
        "%s/%s:%s-v%d"
            .formatted(registry, request.agentId(), request.submissionId(), request.version());
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(BUILDER)
            .withImage(builderImage)
            .withResources(resources(config.resources().memory()));
    return switch (config.builder()) {
      case KANIKO -> kaniko(container, image);
      case BUILDKIT -> buildkit(container, image, registry + "/" + request.agentId() + ":cache");
      case BUILDAH -> buildah(container, image);
    };
  }

  /**
   * It unpacks the base image over its own root, so it is root there and writes to it. The
   * capabilities are those that unpacking files of other owners needs.
   */
  private Container kaniko(ContainerBuilder container, String image) {
    return container
        .withArgs(
            with(
                config.builderArguments().orElse(List.of()),
                "--context=dir:///workspace/context",
                "--dockerfile=/workspace/context/Dockerfile",
                "--destination=" + image,
                "--cache=true",
                "--cache-copy-layers=true",
                "--cache-repo=" + registry + "/cache",
                "--digest-file=/dev/termination-log"))
        .withSecurityContext(
            new SecurityContextBuilder()
                .withRunAsUser(0L)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETFCAP")
                .endCapabilities()
                .build())
        .withVolumeMounts(mounts("/kaniko/.docker"))
        .build();
  }

  private Container buildkit(ContainerBuilder container, String image, String cache) {
    return container
        .withCommand(
            "sh",
            "-c",
            // buildctl replaces the file it writes, which cannot be done to the termination log
            "buildctl-daemonless.sh build \"$@\" --metadata-file /tmp/image.json"
                + " && cat /tmp/image.json > /dev/termination-log",
            "buildkit")
        .withArgs(
            with(
                config.builderArguments().orElse(List.of()),
                "--frontend=dockerfile.v0",
                "--local=context=/workspace/context",
                "--local=dockerfile=/workspace/context",
                "--output=type=image,name=" + image + ",push=true",
                "--export-cache=type=registry,ref=" + cache,
                "--import-cache=type=registry,ref=" + cache))
        .withEnv(
            variable("BUILDKITD_FLAGS", "--oci-worker-no-process-sandbox"),
            variable("DOCKER_CONFIG", "/home/user/.docker"))
        .withSecurityContext(rootless())
        .withVolumeMounts(
            with(
                mounts("/home/user/.docker"),
                JobPods.mount("tmp", "/tmp"),
                JobPods.mount("layers", "/home/user/.local/share/buildkit")))
        .build();
  }

  private Container buildah(ContainerBuilder container, String image) {
    return container
        .withCommand(
            "sh",
            "-c",
            "image=\"$1\"; shift; buildah build \"$@\" --tag \"$image\" /workspace/context"
                + " && buildah push --digestfile /dev/termination-log \"$image\"",
            "buildah")
        .withArgs(
            with(
                config.builderArguments().orElse(List.of()),
                image,
                "--layers",
                "--cache-from=" + registry + "/cache",
                "--cache-to=" + registry + "/cache"))
        .withEnv(
            variable("BUILDAH_ISOLATION", "chroot"),
            variable("STORAGE_DRIVER", "vfs"),
            variable("REGISTRY_AUTH_FILE", "/home/build/.docker/config.json"))
        .withSecurityContext(rootless())
        .withVolumeMounts(
            with(
                mounts("/home/build/.docker"),
                JobPods.mount("layers", "/home/build/.local/share/containers")))
        .build();
  }

  /**
   * Not root, but able to become other users of its own user namespace by newuidmap, which is
   * set-uid. The default profiles of seccomp and AppArmor refuse to make that namespace.
   */
  private static SecurityContext rootless() {
    return new SecurityContextBuilder()
        .withRunAsNonRoot(true)
        .withRunAsUser(1000L)
        .withRunAsGroup(1000L)
        .withAllowPrivilegeEscalation(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .withAdd("SETGID", "SETUID")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("Unconfined")
        .endSeccompProfile()
        .withNewAppArmorProfile()
        .withType("Unconfined")
        .endAppArmorProfile()
        .build();
  }

  private ResourceRequirements resources(String memory) {
    Map<String, Quantity> all =
        new TreeMap<>(
            Map.of(
                "cpu",
                new Quantity(config.resources().cpu()),
                "memory",
                new Quantity(memory),
                "ephemeral-storage",
                new Quantity(config.resources().disk())));
    return new ResourceRequirementsBuilder().withRequests(all).withLimits(all).build();
  }

  private List<VolumeMount> mounts(String credentials) {
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(JobPods.mount("workspace", "/workspace"));
    if (config.registrySecret().isPresent()) {
      mounts.add(
          new VolumeMountBuilder(JobPods.mount("registry", credentials))
              .withReadOnly(true)
              .build());
    }
    return mounts;
  }

  private List<Volume> volumes() {
    String disk = config.resources().disk();
    List<Volume> volumes =
        new ArrayList<>(List.of(JobPods.folder("workspace", disk), JobPods.folder("tmp", disk)));
    if (config.builder() != ImageBuilder.KANIKO) {
      volumes.add(JobPods.folder("layers", disk));
    }
    config.registrySecret().ifPresent(secret -> volumes.add(JobPods.registrySecret(secret)));
    return volumes;
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  private static List<String> with(List<String> more, String... own) {
    return Stream.concat(Arrays.stream(own), more.stream()).toList();
  }

  private static List<VolumeMount> with(List<VolumeMount> mounts, VolumeMount... more) {
    return Stream.concat(mounts.stream(), Arrays.stream(more)).toList();
  }
}
