package org.rlarena.submission.sources;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rlarena.submission.SubmissionError;

/**
 * Decides whether an upload is accepted. This protects the platform and tells authors of plain
 * mistakes at once; whether the code is any good is for the build to find out.
 */
@ApplicationScoped
public class SourceInspector {

  private static final long MIB = 1024 * 1024;

  private final long maxUpload;
  private final long maxPython;
  private final ArchiveInspector archives;

  SourceInspector(SourceConfig config) {
    this.maxUpload = config.maxUpload().asLongValue();
    this.maxPython = config.maxPython().asLongValue();
    this.archives =
        new ArchiveInspector(
            new ArchiveLimits(
                config.maxEntries(),
                config.maxUnpacked().asLongValue(),
                config.maxRatio(),
                config.maxDepth()));
  }

  /**
   * Inspects a spooled upload.
   *
   * @param filename as given by the uploader; only its extension matters
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code unsupported_file_type}, {@code
   *     empty_file}, {@code file_too_large}, {@code invalid_source}, {@code unsafe_archive} or
   *     {@code missing_entry_point}
   */
  public SourceKind inspect(Path upload, String filename) {
    SourceKind kind =
        SourceKind.ofFilename(filename)
            .orElseThrow(
                () ->
                    SubmissionError.UNSUPPORTED_FILE_TYPE.because(
                        "Upload one .py file, or a .zip with agent.py or main.py at its top"
                            + " level."));
    long bytes = size(upload);
    if (bytes == 0) {
      throw SubmissionError.EMPTY_FILE.because("The file is empty. Upload the agent's code.");
    }
    requireAtMost(maxUpload, bytes);
    switch (kind) {
      case PY -> {
        requireAtMost(maxPython, bytes);
        requirePythonText(upload);
      }
      case ZIP -> archives.inspect(upload);
    }
    return kind;
  }

  private static void requireAtMost(long limit, long bytes) {
    if (bytes > limit) {
      throw SubmissionError.FILE_TOO_LARGE.because(
          "The file has %,d bytes; at most %,d (%d MiB) are accepted."
              .formatted(bytes, limit, limit / MIB));
    }
  }

  private static void requirePythonText(Path file) {
    boolean blank = true;
    try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      char[] buffer = new char[8192];
      for (int n = text.read(buffer); n >= 0; n = text.read(buffer)) {
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\0') {
            throw SubmissionError.INVALID_SOURCE.because(
                "The file contains a NUL character, so it is not Python source. Upload the .py"
                    + " file itself, not a compiled one.");
          }
          blank &= Character.isWhitespace(buffer[i]);
        }
      }
    } catch (CharacterCodingException e) {
      throw SubmissionError.INVALID_SOURCE.because(
          "The file is not UTF-8 text. Save it as UTF-8 and upload it again.");
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be read", e);
    }
    if (blank) {
      throw SubmissionError.EMPTY_FILE.because(
          "The file contains nothing but white space. Upload the agent's code.");
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be read", e);
    }
  }
}
