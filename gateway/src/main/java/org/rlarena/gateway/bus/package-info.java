/** Reading the suite's topics, outside any consumer group: every replica sees every event. */
package org.rlarena.gateway.bus;
