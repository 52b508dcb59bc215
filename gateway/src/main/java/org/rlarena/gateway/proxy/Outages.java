package org.rlarena.gateway.proxy;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.rlarena.gateway.Service;

/** Says once in the log that a service does not respond, and once that it does again. */
@ApplicationScoped
class Outages {

  private static final Logger LOG = Logger.getLogger(Outages.class);

  private final Set<Service> down = ConcurrentHashMap.newKeySet();

  void begin(Service service, Throwable cause) {
    if (down.add(service)) {
      LOG.warnf("%s does not respond: %s", service.label(), cause.getMessage());
    }
  }

  void end(Service service) {
    if (!down.isEmpty() && down.remove(service)) {
      LOG.infof("%s responds again", service.label());
    }
  }
}
