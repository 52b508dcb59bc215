package org.rlarena.build.builder;

import io.quarkus.arc.lookup.LookupIfProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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
import org.rlarena.build.source.EntryPoint;
import org.rlarena.build.source.SourceFolders;

/**
 * Builds on this machine, in a folder of the run that is gone afterwards. If the process dies the
 * folder stays until {@link WorkFolders} finds that its run no longer holds a lease.
 */
@ApplicationScoped
@LookupIfProperty(name = "arena.build.backend", stringValue = "local", lookupIfMissing = true)
class LocalBuilder implements Builder {

  private final SourceFolders sources;
  private final Requirements requirements;
  private final Wheels wheels;
  private final PackageInstaller installer;
  private final SyntaxCheck syntax;
  private final Toolchain toolchain;
  private final BundleStore bundles;
  private final WorkFolders folders;

  LocalBuilder(
      SourceFolders sources,
      Requirements requirements,
      Wheels wheels,
      PackageInstaller installer,
      SyntaxCheck syntax,
      Toolchain toolchain,
      BundleStore bundles,
      WorkFolders folders) {
    this.sources = sources;
    this.requirements = requirements;
    this.wheels = wheels;
    this.installer = installer;
    this.syntax = syntax;
    this.toolchain = toolchain;
    this.bundles = bundles;
    this.folders = folders;
  }

  @Override
  public boolean probe() {
    return toolchain.probe();
  }

  @Override
  public Optional<String> problem() {
    return toolchain.problem();
  }

  @Override
  public List<String> hidden() {
    return toolchain.ownPaths();
  }

  @Override
  public Built build(Request request, BuildLog log, RunControl control) {
    UUID run = request.runId();
    try {
      Path folder = folders.create(run);
      try {
        return new Built(build(folder, request, log, control), Optional.empty());
      } finally {
        folders.remove(run);
      }
    } catch (IOException e) {
      throw new PlatformFault("The build ran into a disk problem of ours.", e);
    }
  }

  private Bundle build(Path folder, Request request, BuildLog log, RunControl control)
      throws IOException {
    Path code = sources.fetch(request.submissionId(), request.source(), folder, log, control);
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
}
