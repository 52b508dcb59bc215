/** How often one may ask: per address, per user, and more tightly for what is dear. */
package org.rlarena.gateway.limits;
