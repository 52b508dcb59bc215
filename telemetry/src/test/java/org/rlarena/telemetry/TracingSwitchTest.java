package org.rlarena.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracingSwitchTest {

  private static final String COLLECTOR = "http://collector:4318";

  private static SmallRyeConfig config(Map<String, String> environment) throws Exception {
    return new SmallRyeConfigBuilder()
        .withSources(
            new PropertiesConfigSource(
                TracingSwitch.class.getResource("/META-INF/microprofile-config.properties")))
        .withSources(new TracingSwitch())
        .withSources(new EnvConfigSource(environment, 300))
        .addDefaultInterceptors()
        .build();
  }

  private static boolean isOff(SmallRyeConfig config) {
    return config.getValue("quarkus.otel.sdk.disabled", Boolean.class);
  }

  @Test
  void shouldBeOffWithoutACollector() throws Exception {
    assertThat(isOff(config(Map.of()))).isTrue();
    assertThat(isOff(config(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "")))).isTrue();
  }

  @Test
  void shouldBeOnWithACollector() throws Exception {
    SmallRyeConfig config =
        config(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", COLLECTOR, "OTEL_TRACES_SAMPLER_ARG", "0.25"));
    assertThat(isOff(config)).isFalse();
    assertThat(config.getConfigValue("quarkus.otel.exporter.otlp.endpoint").getValue())
        .isEqualTo(COLLECTOR);
    assertThat(config.getConfigValue("quarkus.otel.traces.sampler.arg").getValue())
        .isEqualTo("0.25");
  }

  @Test
  void shouldBeOffWhereQuarkusIsTold() throws Exception {
    assertThat(
            isOff(
                config(
                    Map.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        COLLECTOR,
                        "QUARKUS_OTEL_SDK_DISABLED",
                        "true"))))
        .isTrue();
  }
}
