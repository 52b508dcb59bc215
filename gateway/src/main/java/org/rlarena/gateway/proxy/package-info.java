/** Passes requests to services and their answers back, streaming both. */
package org.rlarena.gateway.proxy;
