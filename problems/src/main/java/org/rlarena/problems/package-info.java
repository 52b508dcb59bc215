/** What is answered to a JSON body that cannot be read. */
package org.rlarena.problems;
