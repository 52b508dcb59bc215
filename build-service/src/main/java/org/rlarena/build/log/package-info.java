/** The log that a build's owner reads: written as the build goes on, kept over all attempts. */
package org.rlarena.build.log;
