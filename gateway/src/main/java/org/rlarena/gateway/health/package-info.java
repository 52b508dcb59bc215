/** Tells people and monitors which part of the suite is down. */
package org.rlarena.gateway.health;
