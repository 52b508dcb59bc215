/** Who calls: tokens judged offline, and which of them were revoked. */
package org.rlarena.gateway.caller;
