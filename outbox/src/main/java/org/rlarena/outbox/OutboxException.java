package org.rlarena.outbox;

import java.sql.SQLException;

/** The database refused or lost an outbox or inbox statement; the transaction must roll back. */
public class OutboxException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  OutboxException(String message, SQLException cause) {
    super(message, cause);
  }
}
