package org.rlarena.submission.versions;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A version, with a word about what was done if something was.
 *
 * @param message one sentence, left out for a mere read
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SubmissionReply(String message, SubmissionView submission) {}
