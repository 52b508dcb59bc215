package org.rlarena.gateway.bus;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import org.rlarena.infra.Ports;

/** An address at which no broker listens yet. */
public class NoBroker implements QuarkusTestResourceLifecycleManager {

  @Override
  public Map<String, String> start() {
    return Map.of("kafka.bootstrap.servers", "127.0.0.1:" + Ports.free());
  }

  @Override
  public void stop() {
    // nothing was started
  }
}
