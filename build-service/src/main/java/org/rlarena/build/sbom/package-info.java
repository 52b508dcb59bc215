/** What a bundle is made of, in the form that other tools read. */
package org.rlarena.build.sbom;
