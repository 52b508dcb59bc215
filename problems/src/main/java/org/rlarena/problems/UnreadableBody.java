package org.rlarena.problems;

import io.quarkiverse.resteasy.problem.HttpProblem;

/** The problem a service answers with, under a code of its own, when a body cannot be read. */
public interface UnreadableBody {

  /**
   * The problem, a 400.
   *
   * @param sentence what is wrong and what to do about it
   */
  HttpProblem because(String sentence);
}
