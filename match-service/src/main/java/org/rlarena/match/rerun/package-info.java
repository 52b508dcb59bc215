/** Administrators let a match be played again, to see whether it ends as it did. */
package org.rlarena.match.rerun;
