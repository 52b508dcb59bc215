/** What is known of an agent's play, of the services that know it. */
package org.rlarena.gateway.statistics;
