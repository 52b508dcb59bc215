package org.rlarena.build.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.RunControl;
import org.rlarena.build.testing.Zips;

class ArchiveUnpackerTest {

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;

  @TempDir Path folder;

  @Test
  void shouldUnpackFilesAndFolders() throws IOException {
    // Given
    byte[] zip =
        Zips.of("agent.py", "import model", "model/weights.bin", "data", "model/__init__.py", "");

    // When
    Path code = unpack(zip);

    // Then
    assertThat(code.resolve("agent.py")).hasContent("import model");
    assertThat(code.resolve("model/weights.bin")).hasContent("data");
    assertThat(code.resolve("model/__init__.py")).isEmptyFile();
  }

  @Test
  void shouldLeaveOutBytecodeAndWhatMacAdds() throws IOException {
    // Given
    byte[] zip =
        Zips.of(
            "agent.py",
            "",
            "__pycache__/agent.cpython-310.pyc",
            "x",
            "lib/__pycache__/b.pyc",
            "x",
            "__MACOSX/._agent.py",
            "x");

    // When
    Path code = unpack(zip);

    // Then
    try (Stream<Path> files = Files.walk(code)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(code.resolve("agent.py"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("evilArchives")
  void shouldRefuseAndWriteNothingOutside(String what, byte[] zip, String told) throws IOException {
    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> unpack(zip));

    // Then
    assertThat(refusal).as(what).isNotNull();
    assertThat(refusal.reason()).isEqualTo(FailureReason.UNSAFE_ARCHIVE);
    assertThat(refusal).hasMessageContaining(told).hasMessageContaining("upload it again");
    assertThat(refusal.getMessage()).doesNotContain(folder.toString());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(folder.resolve("a.zip"), folder.resolve("code"));
    }
  }

  static Stream<Arguments> evilArchives() {
    byte[] good = Zips.of("agent.py", "class Agent: pass", "b.py", "x");
    return Stream.of(
        evil("parent folder", Zips.of("../evil.py", "x"), "'../evil.py' has '.', '..'"),
        evil("parent folder within", Zips.of("a/../../evil.py", "x"), "'..'"),
        evil("absolute", Zips.of("/etc/evil", "x"), "'/etc/evil' is not a relative path"),
        evil("backslash", backslash(), "is not a relative path"),
        evil("drive", Zips.of("C:evil.py", "x"), "is not a relative path"),
        evil("empty part", Zips.of("a//b.py", "x"), "an empty part"),
        evil("control character", Zips.of("a\nb.py", "x"), "'a?b.py' has control characters"),
        evil("long name", Zips.of("n".repeat(256) + ".py", "x"), "longer than 255 bytes"),
        evil("64 KiB name", Zips.of("n".repeat(65_000), "x"), "longer than 255 bytes"),
        evil("deep", Zips.of("d/".repeat(25) + "a.py", "x"), "deeper than 20 folders"),
        evil("same name", Zips.of("a.py", "1", "a.py", "2"), "'a.py' occurs twice"),
        evil("same but for case", Zips.of("a.py", "1", "A.PY", "2"), "occurs twice"),
        evil(
            "same but for composition",
            Zips.of("caf\u00e9.py", "1", "cafe\u0301.py", "2"),
            "occurs twice"),
        evil("file as folder", Zips.of("a", "1", "a/b.py", "2"), "beside the other entries"),
        evil("symbolic link", mode(0120777), "is a link or a device"),
        evil("device", mode(0020666), "is a link or a device"),
        evil("fifo", mode(0010666), "is a link or a device"),
        evil("encrypted", encrypted(good), "is encrypted"),
        evil("other method", method(good, 12), "by a method other than"),
        evil("bomb", bomb(), "unpacks to more than 1 MiB"),
        evil("too many entries", many(1001), "more than 1000 entries"),
        evil("overlapping entries", overlapping(good), "shares bytes with another entry"),
        evil("size too small", size(good, 3), "is larger than the archive says"),
        evil("size too large", size(good, 3000), "is smaller than the archive says"),
        evil("count that lies", count(good, 1), "damaged or not a plain zip"),
        evil("zip64 count", count(good, 0xffff), "damaged or not a plain zip"),
        evil("bytes before", concat(new byte[] {'#', '!', '\n'}, good), "damaged"),
        evil("bytes behind", concat(good, new byte[] {1}), "damaged"),
        evil("cut off", Arrays.copyOf(good, good.length / 2), "damaged"),
        evil("not a zip", "print('hello')".getBytes(StandardCharsets.UTF_8), "damaged"),
        evil("broken data", broken(good), "damaged"),
        evil("nothing", new byte[0], "damaged"));
  }

  private Path unpack(byte[] zip) throws IOException {
    Path archive = Files.write(folder.resolve("a.zip"), zip);
    Path code = Files.createDirectory(folder.resolve("code"));
    new ArchiveUnpacker(1000, 1 << 20).unpack(archive, code, new RunControl(Duration.ofMinutes(1)));
    return code;
  }

  private static Arguments evil(String what, byte[] zip, String told) {
    return Arguments.of(what, zip, told);
  }

  private static byte[] mode(int mode) {
    return Zips.empty().with("agent.py", "/etc/passwd", entry -> entry.setUnixMode(mode)).bytes();
  }

  /** The library writes no backslashes for Unix, so it is put in afterwards. */
  private static byte[] backslash() {
    byte[] zip = Zips.empty().with("..|evil.py", "x", entry -> entry.setUnixMode(0100644)).bytes();
    for (int i = 0; i < zip.length; i++) {
      zip[i] = zip[i] == '|' ? (byte) '\\' : zip[i];
    }
    return zip;
  }

  private static byte[] bomb() {
    return Zips.empty().with("zeros.bin", new byte[3 << 20], entry -> {}).bytes();
  }

  private static byte[] many(int count) {
    Zips zips = Zips.empty();
    for (int i = 0; i < count; i++) {
      zips.with("f" + i, "", entry -> {});
    }
    return zips.bytes();
  }

  private static byte[] encrypted(byte[] zip) {
    return change(zip, LOCAL, 6, 1, CENTRAL, 8, 1);
  }

  private static byte[] method(byte[] zip, int method) {
    return change(zip, LOCAL, 8, method, CENTRAL, 10, method);
  }

  private static byte[] count(byte[] zip, int count) {
    return change(zip, END, 8, count, END, 10, count);
  }

  private static byte[] size(byte[] zip, int size) {
    return change(zip, CENTRAL, 24, size, CENTRAL, 26, 0);
  }

  /** The second entry of the table points to the first one's data. */
  private static byte[] overlapping(byte[] zip) {
    byte[] copy = zip.clone();
    int second = find(copy, CENTRAL, find(copy, CENTRAL, 0) + 4);
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(second + 42, 0);
    return copy;
  }

  /** The compressed bytes of the first entry make no sense. */
  private static byte[] broken(byte[] zip) {
    byte[] copy = zip.clone();
    int data = 30 + "agent.py".length();
    Arrays.fill(copy, data, data + 4, (byte) 0xff);
    return copy;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] change(
      byte[] zip, int record, int at, int value, int otherRecord, int otherAt, int otherValue) {
    byte[] copy = zip.clone();
    ByteBuffer buffer = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putShort(find(copy, record, 0) + at, (short) value);
    buffer.putShort(find(copy, otherRecord, 0) + otherAt, (short) otherValue);
    return copy;
  }

  private static int find(byte[] zip, int signature, int from) {
    ByteBuffer buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = from; at <= zip.length - 4; at++) {
      if (buffer.getInt(at) == signature) {
        return at;
      }
    }
    throw new IllegalArgumentException("no such record");
  }
}
