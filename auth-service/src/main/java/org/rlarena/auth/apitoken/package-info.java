/**
 * Tokens of programs: opaque, long-lived, limited by scopes, exchanged for short signed ones that
 * every service verifies by itself (docs/adr/0007).
 */
package org.rlarena.auth.apitoken;
