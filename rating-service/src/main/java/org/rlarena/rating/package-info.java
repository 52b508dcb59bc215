/**
 * Rates matches: keeps the ledger of rated matches, the ratings that follow from it, and the boards
 * and records that people read. It decides neither who plays nor who won.
 */
package org.rlarena.rating;
