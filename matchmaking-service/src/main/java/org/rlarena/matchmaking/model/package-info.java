/** The rules of pairing: pure functions of values, free of frameworks. */
package org.rlarena.matchmaking.model;
