/** The validation game: an executor loads the bundle and lets it play against itself. */
package org.rlarena.build.validation;
