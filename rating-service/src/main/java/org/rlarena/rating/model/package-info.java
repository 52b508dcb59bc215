/** The rating maths: pure functions of values, free of frameworks. */
package org.rlarena.rating.model;
