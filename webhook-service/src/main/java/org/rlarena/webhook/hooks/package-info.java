/** What authors register: where to tell them what, and with which secret it is signed. */
package org.rlarena.webhook.hooks;
