/** Slows down who tries passwords, without shutting out whose passwords are tried. */
package org.rlarena.auth.throttle;
