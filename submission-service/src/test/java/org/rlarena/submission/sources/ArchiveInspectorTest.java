package org.rlarena.submission.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchiveInspectorTest {

  private static final byte[] CENTRAL = {'P', 'K', 1, 2};
  private static final byte[] END = {'P', 'K', 5, 6};
  private static final int MIB = 1024 * 1024;

  @TempDir Path folder;

  private final ArchiveInspector inspector =
      new ArchiveInspector(new ArchiveLimits(50, 20 * MIB, 100, 4));

  static Stream<Arguments> accepted() {
    return Stream.of(
        arguments("agent.py", Archives.withAgent().toBytes()),
        arguments("main.py", Archives.empty().file("main.py", Archives.AGENT).toBytes()),
        arguments("the only .py", Archives.empty().file("bot.py", Archives.AGENT).toBytes()),
        arguments(
            "folders before and after their files",
            Archives.withAgent()
                .folder("lib")
                .file("lib/a.py", "")
                .file("models/w.bin", "x")
                .folder("models")
                .toBytes()),
        arguments("zeros below the judged size", Archives.withAgent().zeros("w", MIB).toBytes()),
        arguments("a name with accents", Archives.withAgent().file("modèle.txt", "x").toBytes()),
        arguments(
            "an archive inside", Archives.withAgent().file("inner.zip", "PK\3\4junk").toBytes()),
        arguments("plain unix files", Archives.withAgent().special("run.sh", 0100755).toBytes()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void shouldAcceptProperArchives(String name, byte[] archive) {
    Path file = write(archive);

    assertThatCode(() -> inspector.inspect(file)).doesNotThrowAnyException();
  }

  static Stream<Arguments> unsafe() {
    return Stream.of(
        arguments("parent path", Archives.withAgent().file("../evil.py", "x"), "../evil.py"),
        arguments("parent path inside", Archives.withAgent().file("a/../../b", "x"), "a/../../b"),
        arguments("dot path", Archives.withAgent().file("./a", "x"), "./a"),
        arguments("empty part", Archives.withAgent().file("a//b", "x"), "a//b"),
        arguments("absolute path", Archives.withAgent().file("/etc/passwd", "x"), "absolute"),
        arguments("drive letter", Archives.withAgent().file("C:/a", "x"), "absolute"),
        arguments("control character", Archives.withAgent().file("a\u0007b", "x"), "printed"),
        arguments("right-to-left mark", Archives.withAgent().file("a\u202Eb", "x"), "printed"),
        arguments("symbolic link", Archives.withAgent().special("link", 0120777), "link"),
        arguments("device", Archives.withAgent().special("dev", 0020666), "device"),
        arguments("fifo", Archives.withAgent().special("fifo", 0010666), "special"),
        arguments("same name twice", Archives.withAgent().file("agent.py", "x"), "twice"),
        arguments("same name in capitals", Archives.withAgent().file("AGENT.py", "x"), "twice"),
        arguments(
            "same name, composed otherwise",
            Archives.withAgent().file("\u00e9", "x").file("e\u0301", "x"),
            "twice"),
        arguments(
            "file and folder", Archives.withAgent().file("a", "x").file("A/b", "x"), "folder"),
        arguments("folder and file", Archives.withAgent().file("a/b", "x").file("a", "x"), "twice"),
        arguments("too deep", Archives.withAgent().file("1/2/3/4/5/f", "x"), "4 folders deep"),
        arguments("name too long", Archives.withAgent().file("n".repeat(256), "x"), "256 bytes"),
        arguments("too many entries", manyEntries(60), "at most 50"),
        arguments("unpacks too large", Archives.withAgent().zeros("z", 21 * MIB), "unpacks"),
        arguments("ratio", Archives.withAgent().zeros("z", 11 * MIB), "times its size"),
        arguments(
            "second name", Archives.withAgent().entry(secondName(), new byte[] {1}), "second"),
        arguments(
            "folder with content",
            Archives.withAgent().entry(new ZipArchiveEntry("d/"), new byte[] {1}),
            "folder"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unsafe")
  void shouldRefuseUnsafeArchivesWithAReason(String name, Archives archive, String reason) {
    Path file = write(archive.toBytes());

    HttpProblem problem = catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(file));

    assertRefused(problem, "unsafe_archive", reason);
  }

  static Stream<Arguments> tampered() {
    byte[] good = Archives.withAgent().file("data.txt", "hello hello hello hello").toBytes();
    int end = Archives.lastIndexOf(good, END);
    int central = Archives.lastIndexOf(good, CENTRAL);
    return Stream.of(
        arguments("backslash", replaceName(good, "data.txt", "da\\a.txt"), "backslash"),
        arguments("name in latin-1", replaceName(good, "data.txt", "d\u00e4ta.txt"), "UTF-8"),
        arguments("not a zip", "def act(): pass".getBytes(StandardCharsets.UTF_8), "not a ZIP"),
        arguments("truncated", Arrays.copyOf(good, good.length - 30), "not a ZIP"),
        arguments("data in front", Archives.concat(new byte[7], good), "in front"),
        arguments("data behind", Archives.concat(good, new byte[7]), "behind"),
        arguments("two archives", Archives.concat(good, good), "in front"),
        arguments("lying size", patchInt(good, central + 24, 5), "damaged"),
        arguments("wrong check sum", patchInt(good, central + 16, 5), "damaged"),
        arguments("zip64 size", patchInt(good, central + 24, -1), "ZIP64"),
        arguments("zip64 end", patchInt(good, end + 16, -1), "ZIP64"),
        arguments("fewer entries than there are", patchEntries(good, end, 1), "damaged"),
        arguments("more entries than there are", patchEntries(good, end, 3), "damaged"),
        arguments("a million entries", patchEntries(good, end, 0xffff), "more than 50 entries"),
        arguments("second disk", patchShort(good, end + 4, 1), "several files"),
        arguments("overlap", patchInt(good, central + 42, 0), "two different ways"),
        arguments("offset beyond the file", patchInt(good, central + 42, 1 << 30), "damaged"),
        arguments("encrypted", patchBoth(good, central, 8, 6, 1 << 11 | 1), "password"),
        arguments("rare method", patchBoth(good, central, 10, 8, 12), "rare way"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tampered")
  void shouldRefuseTamperedArchivesWithAReason(String name, byte[] archive, String reason) {
    Path file = write(archive);

    HttpProblem problem = catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(file));

    assertRefused(problem, "unsafe_archive", reason);
  }

  @Test
  void shouldRefuseOverlappingEntries() {
    // Given two entries of one name length whose headers lead to the same data
    byte[] archive =
        Archives.withAgent().file("aaaa.bin", "same").file("bbbb.bin", "same").toBytes();
    int central = Archives.lastIndexOf(archive, CENTRAL);
    int previous = Archives.lastIndexOf(Arrays.copyOf(archive, central), CENTRAL);
    ByteBuffer buffer = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
    // the first of the two now claims the second one's bytes as well
    buffer.putInt(previous + 20, buffer.getInt(previous + 20) + 20);
    Path file = write(archive);

    // When
    HttpProblem problem = catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(file));

    // Then
    assertRefused(problem, "unsafe_archive", "overlaps");
  }

  static Stream<Arguments> withoutEntryPoint() {
    return Stream.of(
        arguments("empty archive", Archives.empty(), "top level"),
        arguments("data only", Archives.empty().file("data.txt", "x"), "top level"),
        arguments(
            "two candidates", Archives.empty().file("a.py", "x").file("b.py", "x"), "exactly one"),
        arguments(
            "enclosing folder", Archives.empty().file("bot/agent.py", "x"), "\"bot/agent.py\""),
        arguments("deeper", Archives.empty().file("a/b/agent.py", "x"), "top level"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("withoutEntryPoint")
  void shouldSayWhereTheEntryPointBelongs(String name, Archives archive, String reason) {
    Path file = write(archive.toBytes());

    HttpProblem problem = catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(file));

    assertRefused(problem, "missing_entry_point", reason);
  }

  @Test
  void shouldAnswerEveryMutationWithAProblemOrAccept() {
    // Given
    Random random = new Random(42);
    byte[] good =
        Archives.withAgent().file("lib/data.txt", "hello".repeat(50)).folder("lib").toBytes();

    for (int round = 0; round < 3000; round++) {
      byte[] mutated = good.clone();
      for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      Path file = write(mutated);

      // When
      HttpProblem problem = catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(file));

      // Then: anything but a problem would have failed above
      if (problem != null) {
        assertThat(problem.getStatusCode()).as("round %d", round).isEqualTo(400);
        assertThat(problem.getDetail()).doesNotContain("Exception", "\u0000");
      }
    }
  }

  private static void assertRefused(HttpProblem problem, String code, String reason) {
    assertThat(problem).isNotNull();
    assertThat(problem.getStatusCode()).isEqualTo(400);
    assertThat(problem.getParameters()).containsEntry("code", code);
    assertThat(problem.getDetail()).contains(reason);
  }

  private Path write(byte[] archive) {
    try {
      return Files.write(folder.resolve("upload.zip"), archive);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Archives manyEntries(int count) {
    Archives archive = Archives.withAgent();
    for (int i = 0; i < count; i++) {
      archive.file("f" + i, "x");
    }
    return archive;
  }

  private static ZipArchiveEntry secondName() {
    ZipArchiveEntry entry = new ZipArchiveEntry("plain");
    entry.addExtraField(
        new UnicodePathExtraField("../evil", "plain".getBytes(StandardCharsets.UTF_8)));
    return entry;
  }

  private static byte[] replaceName(byte[] archive, String name, String other) {
    return Archives.replaceAll(
        archive,
        name.getBytes(StandardCharsets.ISO_8859_1),
        other.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] patchInt(byte[] archive, int at, int value) {
    byte[] changed = archive.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  private static byte[] patchShort(byte[] archive, int at, int value) {
    byte[] changed = archive.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putShort(at, (short) value);
    return changed;
  }

  private static byte[] patchEntries(byte[] archive, int end, int count) {
    return patchShort(patchShort(archive, end + 8, count), end + 10, count);
  }

  /** Changes a field in both headers of the last entry, so that they still agree. */
  private static byte[] patchBoth(
      byte[] archive, int central, int centralOffset, int localOffset, int value) {
    int local = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN).getInt(central + 42);
    return patchShort(
        patchShort(archive, central + centralOffset, value), local + localOffset, value);
  }
}
