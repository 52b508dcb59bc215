/**
 * Playing: who leases which match, what executors answer, what a failed attempt costs. Every effect
 * goes through the match's row lock and its attempt id, so that only one result counts.
 */
package org.rlarena.match.play;
