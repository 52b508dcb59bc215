package org.rlarena.build.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes small wheels as pip understands them. */
public final class TestWheel {

  private TestWheel() {}

  /** A pure Python package of one module; its script must not reach a bundle. */
  public static Path write(Path folder, String name, String version, String module)
      throws IOException {
    return write(folder, name, version, module, "");
  }

  /**
   * @param metadata more lines of METADATA, such as {@code Requires-Dist: other}
   */
  public static Path write(Path folder, String name, String version, String module, String metadata)
      throws IOException {
    String info = name + "-" + version + ".dist-info/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put(name + "/__init__.py", module);
    files.put(
        info + "METADATA",
        "Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s".formatted(name, version, metadata));
    files.put(
        info + "WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(
        info + "entry_points.txt", "[console_scripts]\n%s = %s:answer\n".formatted(name, name));
    StringBuilder record = new StringBuilder();
    files.keySet().forEach(file -> record.append(file).append(",,\n"));
    files.put(info + "RECORD", record.append(info).append("RECORD,,\n").toString());
    Path wheel = folder.resolve("%s-%s-py3-none-any.whl".formatted(name, version));
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return wheel;
  }
}
