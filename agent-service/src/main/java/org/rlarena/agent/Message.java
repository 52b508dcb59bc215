package org.rlarena.agent;

/**
 * An answer that only says what was done.
 *
 * @param message a sentence for people
 */
public record Message(String message) {}
