/** The caller's own page, composed of what five services know of a user. */
package org.rlarena.gateway.profile;
