/** One description of the public API, merged from what each service says of itself. */
package org.rlarena.gateway.openapi;
