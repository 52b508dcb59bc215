package org.rlarena.outbox;

import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Publishes the events of the outbox: each at least once, in order per topic and key.
 *
 * <p>One thread per process; of several replicas one relays, the one whose database session holds
 * the lock. It works after each commit, the others' included, and at each poll, waits for the
 * broker's confirmation, and only then marks a row as sent. While broker or database are away it
 * keeps trying, with pauses.
 */
@ApplicationScoped
public class OutboxRelay {

  private static final Logger LOG = Logger.getLogger(OutboxRelay.class);
  private static final Duration STANDBY_POLL = Duration.ofSeconds(1);
  private static final Duration GAUGE_INTERVAL = Duration.ofSeconds(2);
  private static final Duration CLEANING_INTERVAL = Duration.ofMinutes(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final AgroalDataSource dataSource;
  private final SchemaMigration schema;
  private final OutboxConfig config;
  private final InboxConfig inboxConfig;
  private final EventSender sender;
  private final RelayRound round;
  private final MeterRegistry metrics;
  private final List<Gauge> gauges;
  private final Clock clock = Clock.systemUTC();
  private final Semaphore wakeUps = new Semaphore(0);
  private final Outage brokerOutage = new Outage("Kafka");
  private final Outage databaseOutage = new Outage("database of the outbox");

  private volatile UnsentEvents.Backlog backlog = new UnsentEvents.Backlog(0, 0);
  private volatile boolean stopping;
  private Thread thread;
  // of the relay's thread alone
  private UnsentEvents events;
  private boolean leader;
  private LeaderBell bell;
  private Instant nextGauges = Instant.EPOCH;
  private Instant nextCleaning = Instant.EPOCH;

  OutboxRelay(
      AgroalDataSource dataSource,
      SchemaMigration schema,
      OutboxConfig config,
      InboxConfig inboxConfig,
      MeterRegistry metrics,
      @Identifier("default-kafka-broker") Map<String, Object> broker,
      @ConfigProperty(name = "arena.kafka.topic-prefix") Optional<String> topicPrefix,
      @ConfigProperty(name = "quarkus.application.name") String application) {
    this.dataSource = dataSource;
    this.schema = schema;
    this.config = config;
    this.inboxConfig = inboxConfig;
    this.sender =
        new EventSender(
            () -> EventSender.producer(broker, config.deliveryTimeout()),
            topicPrefix.orElse(""),
            "/" + application);
    this.round = new RelayRound(sender, clock);
    this.metrics = metrics;
    this.gauges =
        List.of(
            Gauge.builder("arena.outbox.unsent", () -> backlog.count())
                .description("Events that wait for the broker")
                .register(metrics),
            Gauge.builder("arena.outbox.oldest.unsent.seconds", () -> backlog.oldestSeconds())
                .description("Age of the oldest event that waits for the broker")
                .register(metrics));
  }

  /** Makes the relay look at the outbox now. Never blocks. */
  void wake() {
    wakeUps.release();
  }

  void start(@Observes StartupEvent event) {
    thread = Thread.ofPlatform().daemon().name("outbox-relay").start(this::run);
  }

  /** Lets a round under way finish, so that nothing is sent twice without need. */
  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    wake();
    // the registry outlives an application that is started anew in the same JVM
    gauges.forEach(metrics::remove);
    try {
      thread.join(STOP_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!stopping) {
        boolean woken = wakeUps.drainPermits() > 0;
        if (!step(woken) && !stopping) {
          Duration pause = leader ? config.pollInterval() : STANDBY_POLL;
          if (wakeUps.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            wakeUps.release(); // for the next turn to see
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeSession();
      sender.close();
    }
  }

  /** Returns whether there may be more to do at once. */
  private boolean step(boolean woken) throws InterruptedException {
    if (!schema.isReady()) {
      return false;
    }
    try {
      boolean more = false;
      if (lead()) {
        more = publish();
        clean();
      } else if (woken) {
        LeaderBell.ring(events.session());
      }
      measure();
      databaseOutage.end();
      return more;
    } catch (SQLException e) {
      databaseOutage.begin(e);
      closeSession();
    } catch (RuntimeException e) {
      // for example a producer that cannot be made because the broker's name does not resolve
      brokerOutage.begin(e);
      sender.reset();
      wakeUps.tryAcquire(STANDBY_POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private boolean lead() throws SQLException {
    if (events == null) {
      events = new UnsentEvents(RelaySession.open(dataSource));
    }
    if (!leader) {
      leader = events.lock();
      if (leader) {
        bell = LeaderBell.listen(dataSource, this::wake);
      }
    }
    return leader;
  }

  private boolean publish() throws SQLException, InterruptedException {
    RelayRound.Result result = round.run(events);
    if (result.sent() > 0) {
      if (brokerOutage.isOn()) {
        round.forgetFailures();
      }
      brokerOutage.end();
    } else if (result.failure().isPresent()) {
      Exception failure = result.failure().get();
      if (RelayRound.isOutage(failure)) {
        brokerOutage.begin(failure);
      } else {
        // some errors leave a producer unusable for good
        sender.reset();
      }
    }
    return result.full();
  }

  private void clean() throws SQLException {
    Instant now = clock.instant();
    if (now.isBefore(nextCleaning)) {
      return;
    }
    nextCleaning = now.plus(CLEANING_INTERVAL);
    events.deleteSentBefore(now.minus(config.keep()));
    events.deleteProcessedBefore(now.minus(inboxConfig.keep()));
  }

  private void measure() throws SQLException {
    Instant now = clock.instant();
    if (now.isBefore(nextGauges)) {
      return;
    }
    nextGauges = now.plus(GAUGE_INTERVAL);
    backlog = events.backlog();
  }

  private void closeSession() {
    leader = false;
    if (bell != null) {
      bell.close();
      bell = null;
    }
    if (events == null) {
      return;
    }
    try {
      events.close();
    } catch (SQLException e) {
      LOG.debug("Session was gone already", e);
    }
    events = null;
  }
}
