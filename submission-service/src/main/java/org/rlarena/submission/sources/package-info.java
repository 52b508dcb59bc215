/** Uploads as files: inspecting them before they are accepted, keeping and erasing them. */
package org.rlarena.submission.sources;
