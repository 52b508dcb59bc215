package org.rlarena.match.executors;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * All executors of the configuration, each watched on its own so that a slow one hides no other.
 */
@ApplicationScoped
public class Executors {

  private static final Logger LOG = Logger.getLogger(Executors.class);

  private final List<ExecutorNode> nodes;
  private final ScheduledExecutorService watch;
  private final long intervalMillis;
  private final Event<ExecutorsChanged> changed;

  Executors(
      ExecutorConfig config,
      ObjectMapper json,
      Clock clock,
      Event<ExecutorsChanged> changed,
      MeterRegistry metrics) {
    this.nodes =
        config.addresses().stream()
            .map(address -> new ExecutorNode(address, config, json, clock))
            .toList();
    this.watch = new ScheduledThreadPoolExecutor(nodes.size());
    this.intervalMillis = config.healthInterval().toMillis();
    this.changed = changed;
    metrics.gauge("arena.executors.alive", nodes, all -> alive().size());
  }

  void start(@Observes StartupEvent event) {
    for (ExecutorNode node : nodes) {
      watch.scheduleWithFixedDelay(() -> poll(node), 0, intervalMillis, TimeUnit.MILLISECONDS);
    }
  }

  // After those who play have stopped.
  void stop(@Observes @Priority(3000) ShutdownEvent event) {
    watch.shutdownNow();
    nodes.forEach(ExecutorNode::close);
  }

  /** Those that answered last time. */
  public List<ExecutorNode> alive() {
    return nodes.stream().filter(ExecutorNode::isAlive).toList();
  }

  /** The executor of that address, if there is one. */
  public Optional<ExecutorNode> at(String address) {
    return nodes.stream().filter(node -> node.address().equals(address)).findFirst();
  }

  List<ExecutorNode> all() {
    return nodes;
  }

  private void poll(ExecutorNode node) {
    try {
      if (node.poll()) {
        changed.fire(new ExecutorsChanged());
      }
    } catch (RuntimeException e) {
      // Thrown out of here it would end the watch.
      LOG.errorf(e, "Executor %s could not be asked", node.address());
    }
  }
}
