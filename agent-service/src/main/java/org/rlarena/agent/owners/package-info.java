/** The little this service keeps of users: names to show, and who is gone. */
package org.rlarena.agent.owners;
