package org.rlarena.gateway.limits;

import io.vertx.core.Future;

/** Buckets by key. Safe for use by several threads. */
interface Buckets {

  /** Takes a request out of the bucket of this rule and key; never fails. */
  Future<Verdict> take(Rule rule, String key);
}
