package org.rlarena.outbox;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Predicate;
import javax.transaction.xa.XAException;

/**
 * Tells faults of the database that pass from those that stay, by SQLSTATE (PostgreSQL, app. A).
 */
final class DatabaseFault {

  private static final Set<String> UNAVAILABLE_STATES =
      Set.of(
          "25006", // read-only: a standby during a switch-over
          "57P01", // administrator's shutdown
          "57P02", // crash of another session
          "57P03", // starting up
          "57P05"); // idle session timeout

  private static final Set<String> CONTENTION_STATES =
      Set.of(
          "40001", // serialization failure
          "40P01", // deadlock
          "55P03", // lock not available
          "57014"); // statement timeout

  private DatabaseFault() {}

  /** Whether the same work may succeed later without any change. */
  static boolean isTransient(Throwable fault) {
    return isUnavailable(fault)
        || anyCause(fault, DatabaseFault::isContention)
        || anyCause(fault, e -> e instanceof XAException);
  }

  /** Whether the database cannot be reached or cannot serve anybody now. */
  static boolean isUnavailable(Throwable fault) {
    return anyCause(fault, DatabaseFault::isOutage);
  }

  /** Whether a table or column does not exist: a schema that is not migrated yet. */
  static boolean isMissingSchema(Throwable fault) {
    return anyCause(
        fault,
        e ->
            e instanceof SQLException sql
                && ("42P01".equals(sql.getSQLState()) || "42703".equals(sql.getSQLState())));
  }

  private static boolean isOutage(Throwable fault) {
    if (!(fault instanceof SQLException sql)) {
      return false;
    }
    String state = sql.getSQLState();
    if (state == null) {
      // the pool's own complaints carry no state
      return sql instanceof SQLTransientException
          || sql instanceof SQLRecoverableException
          || String.valueOf(sql.getMessage()).contains("timeout");
    }
    // classes 08: connection, 53: out of resources, 58: system error
    return state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("58")
        || UNAVAILABLE_STATES.contains(state);
  }

  private static boolean isContention(Throwable fault) {
    return fault instanceof SQLException sql
        && sql.getSQLState() != null
        && CONTENTION_STATES.contains(sql.getSQLState());
  }

  private static boolean anyCause(Throwable fault, Predicate<Throwable> condition) {
    return anyCause(fault, condition, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /** Also through suppressed faults: the transaction manager reports a failed commit there. */
  private static boolean anyCause(
      Throwable fault, Predicate<Throwable> condition, Set<Throwable> seen) {
    if (fault == null || !seen.add(fault)) {
      return false;
    }
    if (condition.test(fault) || anyCause(fault.getCause(), condition, seen)) {
      return true;
    }
    for (Throwable suppressed : fault.getSuppressed()) {
      if (anyCause(suppressed, condition, seen)) {
        return true;
      }
    }
    return false;
  }
}
