package org.rlarena.build.builder;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.python.PackageInstaller;
import org.rlarena.build.python.Requirements;
import org.rlarena.build.python.SyntaxCheck;
import org.rlarena.build.python.Toolchain;
import org.rlarena.build.python.Wheels;
import org.rlarena.build.source.ArchiveUnpacker;
import org.rlarena.build.source.EntryPoint;
import org.rlarena.build.source.Source;
import org.rlarena.build.source.SourceClient;

/**
 * Builds on this machine, in a folder of the run that is gone afterwards. If the process dies the
 * folder stays until {@link WorkFolders} finds that its run no longer holds a lease.
 */
@ApplicationScoped
class LocalBuilder implements Builder {

  private final SourceClient sources;
  private final ArchiveUnpacker unpacker;
  private final Requirements requirements;
  private final Wheels wheels;
  private final PackageInstaller installer;
  private final SyntaxCheck syntax;
  private final Toolchain toolchain;
  private final BundleStore bundles;
  private final WorkFolders folders;

  LocalBuilder(
      SourceClient sources,
      Requirements requirements,
      Wheels wheels,
      PackageInstaller installer,
      SyntaxCheck syntax,
      Toolchain toolchain,
      BundleStore bundles,
      WorkFolders folders,
      BuildConfig config) {
    this.sources = sources;
    this.unpacker =
        new ArchiveUnpacker(config.limits().sourceEntries(), config.limits().sourceBytes());
    this.requirements = requirements;
    this.wheels = wheels;
    this.installer = installer;
    this.syntax = syntax;
    this.toolchain = toolchain;
    this.bundles = bundles;
    this.folders = folders;
  }

  @Override
  public Bundle build(Request request, BuildLog log, RunControl control) {
    UUID run = request.runId();
    try {
      Path folder = folders.create(run);
      try {
        return build(folder, request, log, control);
      } finally {
        folders.remove(run);
      }
    } catch (IOException e) {
      throw new PlatformFault("The build ran into a disk problem of ours.", e);
    }
  }

  private Bundle build(Path folder, Request request, BuildLog log, RunControl control)
      throws IOException {
    Path code = code(folder, request, log, control);
    String entry = EntryPoint.in(code);
    log.note("Entry point: " + entry);
    syntax.check(code, log, control);
    List<String> wanted = requirements.read(code, log, control);
    List<Manifest.Wheel> installed = List.of();
    Path packages = folder.resolve("packages");
    if (!wanted.isEmpty()) {
      Path download = Files.createDirectory(folder.resolve("download"));
      installed = wheels.download(wanted, download, log, control);
      if (!installed.isEmpty()) {
        Path install = Files.createDirectory(folder.resolve("install"));
        packages = installer.install(download.resolve("wheels"), install, log, control);
      }
    }
    control.check();
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT, toolchain.pythonMinor(), toolchain.platform(), entry, installed);
    Bundle bundle = bundles.store(manifest, code, packages);
    log.note("Bundle of %d bytes, sha256 %s".formatted(bundle.bytes(), bundle.sha256()));
    return bundle;
  }

  private Path code(Path folder, Request request, BuildLog log, RunControl control)
      throws IOException {
    Source source = request.source();
    Path code = Files.createDirectory(folder.resolve("code"));
    // a lone file is always called agent.py: its uploaded name is for people only
    Path upload = folder.resolve(source.isArchive() ? "upload.zip" : "code/agent.py");
    sources.fetch(request.submissionId(), source, upload, control);
    log.note("Fetched the upload of %d bytes.".formatted(source.bytes()));
    if (source.isArchive()) {
      unpacker.unpack(upload, code, control);
    }
    return code;
  }
}
