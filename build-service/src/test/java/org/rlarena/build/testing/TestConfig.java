package org.rlarena.build.testing;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.cluster.ClusterConfig;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.signing.SigningConfig;
import org.rlarena.objects.ObjectsConfig;

/** The service's configuration as it is read, defaults included, without the service. */
public final class TestConfig {

  private TestConfig() {}

  /** Defaults, but for these properties and the Python of tests. */
  public static BuildConfig build(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent("arena.build.agent-python", TestPython.program());
    return mapping(BuildConfig.class, all);
  }

  /** Settings of builds on a cluster: those that are needed, and these. */
  public static ClusterConfig cluster(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent(
        "arena.build.kubernetes.builder-image",
        "registry.example.org/kaniko@sha256:" + "1".repeat(64));
    all.putIfAbsent(
        "arena.build.kubernetes.base-image",
        "registry.example.org/rl-arena/agent@sha256:" + "2".repeat(64));
    all.putIfAbsent("arena.build.kubernetes.registry", "registry.example.org/agents");
    return mapping(ClusterConfig.class, all);
  }

  public static ScanConfig scan(Map<String, String> properties) {
    return mapping(ScanConfig.class, properties);
  }

  public static SigningConfig signing(Map<String, String> properties) {
    return mapping(SigningConfig.class, properties);
  }

  public static ObjectsConfig objects(Path root) {
    return mapping(ObjectsConfig.class, Map.of("arena.objects.root", root.toString()));
  }

  private static <T> T mapping(Class<T> type, Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withConverter(Duration.class, 200, new DurationConverter())
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .withMapping(type)
        .build()
        .getConfigMapping(type);
  }
}
