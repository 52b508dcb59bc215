package org.rlarena.match.executors;

/** Fired when an executor became usable or can take more. A hint, no more. */
public record ExecutorsChanged() {}
