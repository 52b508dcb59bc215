/**
 * From an upload to a stored bundle. {@link org.rlarena.build.builder.Builder} is the seam between
 * building on this machine and building elsewhere.
 */
package org.rlarena.build.builder;
