package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFaultTest {

  @ParameterizedTest
  @CsvSource({
    "08006, true, true", // connection lost
    "53300, true, true", // too many connections
    "57P01, true, true", // shutdown
    "25006, true, true", // read-only
    "40001, true, false", // serialization failure
    "40P01, true, false", // deadlock
    "23505, false, false", // unique violation
    "42P01, false, false", // undefined table
    "22001, false, false" // value too long
  })
  void shouldTellByState(String state, boolean passing, boolean unavailable) {
    var fault = new IllegalStateException(new RuntimeException(new SQLException("x", state)));

    assertThat(DatabaseFault.isTransient(fault)).isEqualTo(passing);
    assertThat(DatabaseFault.isUnavailable(fault)).isEqualTo(unavailable);
  }

  @Test
  void shouldFindTheCauseOfAFailedCommitAmongTheSuppressed() {
    var commit = new IllegalStateException("Could not commit");
    commit.addSuppressed(new RuntimeException(new SQLException("x", "08006")));

    assertThat(DatabaseFault.isTransient(commit)).isTrue();
  }

  @Test
  void shouldNotLoopOnCircularCauses() {
    var first = new RuntimeException("first");
    first.initCause(new RuntimeException("second", first));

    assertThat(DatabaseFault.isTransient(first)).isFalse();
  }
}
