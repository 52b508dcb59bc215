package org.rlarena.objects;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ObjectStoresTest {

  @Test
  void shouldNotStartWithoutTheBucketsName() {
    ObjectsConfig config = config(Map.of("arena.objects.backend", "s3"));

    assertThatThrownBy(() -> new ObjectStores().check(null, config))
        .hasMessageContaining("set arena.objects.s3.bucket");
  }

  @Test
  void shouldNeedNothingForFiles() {
    assertThatCode(() -> new ObjectStores().check(null, config(Map.of())))
        .doesNotThrowAnyException();
  }

  private static ObjectsConfig config(Map<String, String> settings) {
    return new SmallRyeConfigBuilder()
        .withMapping(ObjectsConfig.class)
        .withDefaultValues(settings)
        .build()
        .getConfigMapping(ObjectsConfig.class);
  }
}
