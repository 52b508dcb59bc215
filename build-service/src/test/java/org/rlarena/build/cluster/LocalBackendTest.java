package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.arc.Arc;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Singleton;
import java.lang.annotation.Annotation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlarena.build.testing.BuildServiceTest;

/** Where builds are local nothing of a cluster comes to be. */
@BuildServiceTest
class LocalBackendTest {

  @Test
  void shouldMakeNoClient() {
    for (Class<? extends Annotation> scope : List.of(Singleton.class, ApplicationScoped.class)) {
      assertThat(
              Arc.container().getActiveContext(scope).getState().getContextualInstances().keySet())
          .noneMatch(bean -> bean.getTypes().contains(KubernetesClient.class))
          .noneMatch(bean -> bean.getTypes().contains(ClusterBuilder.class));
    }
  }
}
