/**
 * Who may call. User tokens and service tokens are verified offline against auth-service's
 * published keys; revocations arrive as {@code user.changed} events and are kept in a table of each
 * service's own database. Which role may do what is decided by the services, not here.
 */
package org.rlarena.access;
