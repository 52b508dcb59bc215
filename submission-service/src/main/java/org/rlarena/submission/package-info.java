/**
 * Uploads of agent code: taking them in, numbering them, following their build and deciding which
 * version plays.
 *
 * <p>{@code sources} inspects and keeps the uploads, {@code agents} knows who owns which agent and
 * {@code versions} holds the life cycle. Building, playing and rating belong to other services.
 */
package org.rlarena.submission;
