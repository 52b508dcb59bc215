package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What the pods of all Jobs have in common, and above all how little they may do. */
final class JobPods {

  private static final Pattern BY_DIGEST =
      Pattern.compile("[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}");
  private static final long USER = 10001L;

  private JobPods() {}

  /** A pod without containers and volumes: no token, no second try, a kernel of its own if told. */
  static PodSpecBuilder pod(ClusterConfig config) {
    return new PodSpecBuilder()
        .withRestartPolicy("Never")
        .withServiceAccountName(config.serviceAccount())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withHostUsers(config.userNamespace() ? Boolean.FALSE : null)
        .withRuntimeClassName(config.runtimeClass().orElse(null))
        .withNodeSelector(
            config.nodeSelector().isEmpty() ? null : new TreeMap<>(config.nodeSelector()))
        .withTerminationGracePeriodSeconds(5L)
        .withNewSecurityContext()
        .withFsGroup(USER)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext();
  }

  /** As Pod Security's profile of that name asks for, and a root that cannot be written to. */
  static SecurityContext restricted() {
    return new SecurityContextBuilder()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }

  /** A Secret of type {@code kubernetes.io/dockerconfigjson}, as the file that tools read. */
  static Volume registrySecret(String secret) {
    return new VolumeBuilder()
        .withName("registry")
        .withNewSecret()
        .withSecretName(secret)
        .addNewItem()
        .withKey(".dockerconfigjson")
        .withPath("config.json")
        .endItem()
        .endSecret()
        .build();
  }

  /** An empty folder that ends with the pod. */
  static Volume folder(String name, String size) {
    return new VolumeBuilder()
        .withName(name)
        .withNewEmptyDir()
        .withSizeLimit(new Quantity(size))
        .endEmptyDir()
        .build();
  }

  static VolumeMount mount(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).build();
  }

  /**
   * @throws IllegalStateException naming the setting, unless the image is named by its digest
   */
  static String byDigest(String setting, String image) {
    if (!BY_DIGEST.matcher(image).matches()) {
      throw new IllegalStateException(
          "%s must name an image by digest, such as registry/name@sha256:...".formatted(setting));
    }
    return image;
  }
}
