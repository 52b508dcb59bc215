package org.rlarena.outbox;

import org.jboss.logging.Logger;

/** Logs one line when something goes away and one when it is back. */
final class Outage {

  private static final Logger LOG = Logger.getLogger(Outage.class);

  private final String what;
  private volatile boolean on;

  Outage(String what) {
    this.what = what;
  }

  boolean isOn() {
    return on;
  }

  void begin(Exception cause) {
    if (!on) {
      LOG.warnf("No events can be published, %s: %s", what, cause.getMessage());
    }
    LOG.debugf(cause, "Attempt failed, %s", what);
    on = true;
  }

  void end() {
    if (on) {
      LOG.infof("Events are published again, %s is back", what);
    }
    on = false;
  }
}
