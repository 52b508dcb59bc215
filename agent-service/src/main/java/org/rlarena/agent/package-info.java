/**
 * Agents, their owners' names and the catalogue of environments.
 *
 * <p>Features: {@code agents} (what users create and enter into play), {@code environments} (what
 * can be played) and {@code owners} (the little this service keeps of users). This package holds
 * only what all three need.
 */
package org.rlarena.agent;
