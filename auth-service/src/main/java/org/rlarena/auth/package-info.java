/**
 * Accounts and credentials ({@code user}), and the tokens and keys that prove them ({@code token}).
 * Nobody else sees a password, signs a token or stores an e-mail address.
 */
package org.rlarena.auth;
