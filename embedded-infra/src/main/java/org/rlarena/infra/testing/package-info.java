/** Broker, database, events and contracts for the services' tests. */
package org.rlarena.infra.testing;
