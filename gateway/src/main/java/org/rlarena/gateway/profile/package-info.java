/** The caller's own page, composed of what four services know of a user. */
package org.rlarena.gateway.profile;
