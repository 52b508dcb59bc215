/** Signs the images of agents, so that executors can tell them from what others have pushed. */
package org.rlarena.build.signing;
