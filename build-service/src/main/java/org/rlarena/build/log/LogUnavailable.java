package org.rlarena.build.log;

import java.sql.SQLException;

/** The database did not take or give a part of a log. */
public final class LogUnavailable extends RuntimeException {

  LogUnavailable(SQLException cause) {
    super("The build log cannot be reached", cause);
  }
}
