package org.rlarena.build.cluster;

import io.fabric8.kubernetes.client.Config;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/** The service with builds as Jobs of a test's cluster. */
public class ClusterEnvironment implements QuarkusTestResourceLifecycleManager {

  private TestCluster cluster;

  @Override
  public Map<String, String> start() {
    cluster = TestCluster.start();
    Config config = cluster.client().getConfiguration();
    Map<String, String> settings = new HashMap<>();
    settings.put("quarkus.kubernetes-client.api-server-url", config.getMasterUrl());
    settings.put("quarkus.kubernetes-client.trust-certs", "true");
    if (config.getOauthToken() != null) {
      settings.put("quarkus.kubernetes-client.token", config.getOauthToken());
    }
    settings.put("arena.build.backend", "kubernetes");
    settings.put("arena.build.kubernetes.namespace", cluster.namespace());
    settings.put(
        "arena.build.kubernetes.builder-image", "registry.test/kaniko@sha256:" + "1".repeat(64));
    settings.put(
        "arena.build.kubernetes.base-image", "registry.test/agent@sha256:" + "2".repeat(64));
    settings.put("arena.build.kubernetes.registry", "registry.test/agents");
    settings.put("arena.build.kubernetes.reconcile-interval", "200ms");
    settings.put("arena.build.kubernetes.sweep-interval", "1s");
    return settings;
  }

  @Override
  public void stop() {
    cluster.close();
  }
}
