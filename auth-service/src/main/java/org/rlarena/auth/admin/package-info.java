/** What administrators do to accounts, each deed with its entry in the audit log. */
package org.rlarena.auth.admin;
