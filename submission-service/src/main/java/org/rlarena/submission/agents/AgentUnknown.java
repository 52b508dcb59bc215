package org.rlarena.submission.agents;

/** Whether an agent exists cannot be told at the moment. */
public class AgentUnknown extends RuntimeException {

  private static final long serialVersionUID = 1L;

  AgentUnknown(Throwable cause) {
    super(cause);
  }
}
