/**
 * What needs a Python interpreter: judging requirements, collecting packages, compiling code. Only
 * pip, told to take wheels alone, ever has network; whatever touches the author's files runs in a
 * sandbox without.
 */
package org.rlarena.build.python;
