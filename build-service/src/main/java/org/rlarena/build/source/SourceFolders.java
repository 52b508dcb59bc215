package org.rlarena.build.source;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.RunControl;
import org.rlarena.build.log.BuildLog;

/** Uploads as folders of files. */
@ApplicationScoped
public class SourceFolders {

  private final SourceClient sources;
  private final ArchiveUnpacker unpacker;

  SourceFolders(SourceClient sources, BuildConfig config) {
    this.sources = sources;
    this.unpacker =
        new ArchiveUnpacker(config.limits().sourceEntries(), config.limits().sourceBytes());
  }

  /**
   * Fetches an upload and unpacks it.
   *
   * @param folder empty folder for it
   * @return folder with the submission's files, below {@code folder}
   */
  public Path fetch(UUID submissionId, Source source, Path folder, BuildLog log, RunControl control)
      throws IOException {
    Path code = Files.createDirectory(folder.resolve("code"));
    // a lone file is always called agent.py: its uploaded name is for people only
    Path upload = folder.resolve(source.isArchive() ? "upload.zip" : "code/agent.py");
    sources.fetch(submissionId, source, upload, control);
    log.note("Fetched the upload of %d bytes.".formatted(source.bytes()));
    if (source.isArchive()) {
      unpacker.unpack(upload, code, control);
    }
    return code;
  }
}
