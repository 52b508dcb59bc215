/** Which public path is answered by which service, and which paths do not exist. */
package org.rlarena.gateway.routing;
