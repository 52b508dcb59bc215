/**
 * The public HTTP edge: it routes, composes and forbids, and never decides anything about agents or
 * matches. It owns no data.
 *
 * <p>Features: {@code routing} (which path is whose), {@code proxy} (passing requests on), {@code
 * profile}, {@code health} and {@code openapi} (what is composed of several services). This package
 * holds what all of them need.
 */
package org.rlarena.gateway;
