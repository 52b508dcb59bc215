/** What a security scanner says of a bundle. */
package org.rlarena.build.scan;
