/** What an executor plays: code and packages in one archive, named by its content. */
package org.rlarena.build.bundle;
