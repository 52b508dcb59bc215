/**
 * A real Kafka broker and a real PostgreSQL without Docker, with the suite's topics and databases.
 *
 * <p>For local runs and tests. Everything listens on the loopback interface only.
 */
package org.rlarena.infra;
