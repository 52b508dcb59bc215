package org.rlarena.outbox;

import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/**
 * How a replica that does not relay tells the one that does that there is something to send.
 *
 * <p>It rings after its commit and not within the transaction: PostgreSQL lets transactions that
 * notify commit one at a time. A ring that is lost costs a poll interval.
 */
final class LeaderBell implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LeaderBell.class);
  private static final String CHANNEL = "arena_outbox";
  private static final int LISTEN_MILLIS = 1000;
  private static final int RETRY_MILLIS = 1000;

  private final AgroalDataSource pool;
  private final Runnable heard;
  private final Thread thread;
  private volatile boolean closed;

  private LeaderBell(AgroalDataSource pool, Runnable heard) {
    this.pool = pool;
    this.heard = heard;
    this.thread = Thread.ofPlatform().daemon().name("outbox-bell").unstarted(this::run);
  }

  /** Listens, over a session of its own, until closed; calls {@code heard} for each ring. */
  static LeaderBell listen(AgroalDataSource pool, Runnable heard) {
    var bell = new LeaderBell(pool, heard);
    bell.thread.start();
    return bell;
  }

  /** Rings once, over a session that commits each statement by itself. */
  static void ring(Connection session) throws SQLException {
    try (Statement notify = session.createStatement()) {
      notify.execute("notify " + CHANNEL);
    }
  }

  /** Stops listening, at the latest after a second; does not wait for that. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    while (!closed) {
      try {
        attend();
      } catch (SQLException e) {
        // the relay tells of a database that is away
        LOG.debug("Not listening for other replicas", e);
        pause();
      }
    }
  }

  private void attend() throws SQLException {
    try (Connection session = RelaySession.open(pool);
        Statement listen = session.createStatement()) {
      listen.execute("listen " + CHANNEL);
      // what was rung for before this session listened
      heard.run();
      PGConnection connection = session.unwrap(PGConnection.class);
      while (!closed) {
        if (connection.getNotifications(LISTEN_MILLIS).length > 0) {
          heard.run();
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      // closed: the loop ends
    }
  }
}
