/**
 * The ledger of rated matches and the ratings that are its sum. Only this package writes them, one
 * match per transaction.
 */
package org.rlarena.rating.ledger;
