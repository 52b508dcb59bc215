/** The upload of a submission: fetched from its owner, checked, and unpacked without harm. */
package org.rlarena.build.source;
