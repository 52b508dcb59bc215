package org.rlarena.telemetry;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Tracing is on where there is a collector to send spans to: {@code OTEL_EXPORTER_OTLP_ENDPOINT},
 * the variable that OpenTelemetry itself has for it and that the executor reads too. What {@code
 * quarkus.otel.*} says counts more.
 */
public final class TracingSwitch implements ConfigSourceFactory {

  /** Above the defaults in this library's file, below a service's own properties. */
  private static final int ORDINAL = 150;

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    ConfigValue endpoint = context.getValue("otel.exporter.otlp.endpoint");
    if (endpoint == null || endpoint.getValue() == null || endpoint.getValue().isBlank()) {
      return List.of();
    }
    return List.of(
        new PropertiesConfigSource(
            Map.of(
                "quarkus.otel.sdk.disabled",
                "false",
                "quarkus.otel.exporter.otlp.endpoint",
                endpoint.getValue()),
            "collector",
            ORDINAL));
  }
}
