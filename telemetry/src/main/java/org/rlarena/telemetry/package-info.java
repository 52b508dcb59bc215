/**
 * What a process tells about its work: spans that continue the trace of what caused it, and log
 * lines with the ids of what they are about. What is recorded about a request is in {@link
 * org.rlarena.telemetry.Discretion}.
 */
package org.rlarena.telemetry;
