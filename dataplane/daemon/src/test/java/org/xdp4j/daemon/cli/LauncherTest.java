package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final Path LAUNCHER = Invocation.ROOT.resolve("dataplane/bin/xdp4j");
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "readlink",
          "find",
          "head",
          "cat",
          "ls",
          "mkdir",
          "rm",
          "sleep",
          "grep",
          "cp",
          "touch");

  @TempDir private Path directory;
  private Path root;
  private Path script;
  private String jdk = System.getProperty("java.home");
  private Map<String, String> locale = Map.of();

  /** A result of the script: status, standard output, standard error. */
  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void copyLauncher() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no POSIX shell");
    root = directory.resolve("a clone");
    script = root.resolve("dataplane/bin/xdp4j");
    Files.createDirectories(script.getParent());
    Files.createDirectories(root.resolve("dataplane/daemon/src/main"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.copy(LAUNCHER, script);
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void passesArgumentsOnThroughLinksAndBlanks() throws Exception {
    build();
    Path link = Files.createSymbolicLink(directory.resolve("link"), script);
    Outcome outcome = launch(link, "", "a b", "", "*", "--x='1'");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).isEqualTo("[a b]\n[]\n[*]\n[--x='1']\n");
    assertThat(outcome.status()).isEqualTo(4);
  }

  @Test
  void passesLettersOnWhereNoLocaleIsSet() throws Exception {
    build();
    Path folder = Files.createDirectories(directory.resolve("here"));
    Path wrapper = directory.resolve("wrapper");
    Files.writeString(
        wrapper,
        "#!/bin/sh\nmkdir -p '"
            + folder
            + "/\u00fc' && cd '"
            + folder
            + "/\u00fc' && exec '"
            + script
            + "' \u00e9\n");
    assertThat(wrapper.toFile().setExecutable(true)).isTrue();
    for (Map<String, String> unset :
        List.of(
            Map.<String, String>of(),
            Map.of("LC_ALL", "C"),
            Map.of("LC_ALL", "", "LANG", "POSIX"),
            Map.of("LC_CTYPE", "C", "LANG", "C.UTF-8"))) {
      locale = unset;
      Outcome outcome = launch(wrapper, "");
      assertThat(outcome.out()).as("%s", unset).isEqualTo("[\u00e9]\n");
      assertThat(outcome.err()).isEmpty();
    }
  }

  @Test
  void saysWhatIsMissingWhenThereIsNoJdk() throws Exception {
    build();
    // No machine has this version, wherever its JDKs are.
    Files.writeString(script, Files.readString(script).replace("needed=25", "needed=999"));
    Outcome outcome = launch(script, "");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("xdp4j: a JDK 999 or newer is missing: install one")
        .hasLineCount(1);
  }

  @Test
  void saysWhatIsMissingWhenThereIsNoMaven() throws Exception {
    Outcome outcome = launch(script, "");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("xdp4j: nothing is built yet and there is no Maven (mvn) in PATH")
        .hasLineCount(1);
  }

  @Test
  void buildsWhatIsMissingOrOlderThanItsSources() throws Exception {
    build();
    Path jar = root.resolve("dataplane/daemon/target/xdp4j.jar");
    Path ready = Files.move(jar, directory.resolve("ready.jar"));
    String maven =
        "#!/bin/sh\necho \"$@\" >>'"
            + directory
            + "/maven'\ncp '"
            + ready
            + "' '"
            + jar
            + "'\ntouch '"
            + jar
            + "'\n";
    assertThat(launch(script, maven).err()).contains("building for the first time").hasLineCount(1);
    assertThat(launch(script, maven).err()).isEmpty();
    Path source = root.resolve("dataplane/daemon/src/main/New.java");
    Files.writeString(source, "class New {}");
    Files.setLastModifiedTime(
        source, FileTime.from(Files.getLastModifiedTime(jar).toInstant().plusSeconds(1)));
    assertThat(launch(script, maven).err()).contains("sources have changed").hasLineCount(1);
    assertThat(directory.resolve("maven")).content().hasLineCount(2).contains("package");
  }

  @Test
  void showsWhyTheBuildFailed() throws Exception {
    Outcome outcome =
        launch(script, "#!/bin/sh\necho '[INFO] fine'\necho '[ERROR] it broke'\nexit 1\n");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("[ERROR] it broke", "the build failed; the whole log is in ")
        .doesNotContain("fine");
  }

  @Test
  void leavesTheSecondCompilerOutWhereCapturesAreSmall() throws Exception {
    build();
    jdk = jdkThatEchoes().toString();
    String small = Files.write(directory.resolve("a b.pcap"), new byte[1000]).toString();
    String large = sparse("large.pcap", 1L << 33);
    String half = sparse("half.pcap", 17 << 20);
    String object = Files.write(directory.resolve("p.o"), new byte[1000]).toString();
    assertThat(compilesOnce("replay", "-p", object, small)).isTrue();
    assertThat(compilesOnce("replay", "-p", object, small, "--workers", "2", half)).isTrue();
    assertThat(compilesOnce("replay", "-p", object, "--out", large, "-o", large, small)).isTrue();
    assertThat(compilesOnce("replay", "-p", object, large)).isFalse();
    assertThat(compilesOnce("replay", "-p", object, half, half)).isFalse();
    assertThat(compilesOnce("replay", "-p", object, "-")).isFalse();
    assertThat(compilesOnce("replay", "-p", object, "/dev/null")).isFalse();
    assertThat(compilesOnce("replay", "-p", object, small + ".gz")).isFalse();
    assertThat(compilesOnce("replay", "-p", object, "--repeat", "9", small)).isFalse();
    assertThat(compilesOnce("replay", "-p", object, "--repeat=9", small)).isFalse();
    assertThat(compilesOnce("replay", "-p", object, "--interpret", small)).isFalse();
    assertThat(compilesOnce("replay")).isFalse();
    assertThat(compilesOnce("verify", object)).isFalse();
    assertThat(compilesOnce()).isFalse();
  }

  /** Whether the script starts a JVM that compiles with its first compiler only. */
  private boolean compilesOnce(String... arguments) throws Exception {
    Outcome outcome = launch(script, "", arguments);
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).contains("-jar");
    return outcome.out().contains("-XX:TieredStopAtLevel=1");
  }

  private String sparse(String name, long size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve(name).toFile(), "rw")) {
      file.setLength(size);
      return directory.resolve(name).toString();
    }
  }

  /** What the script takes for a JDK, whose java prints what it was given. */
  private Path jdkThatEchoes() throws IOException {
    Path home = directory.resolve("jdk");
    Path bin = Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    addTool(bin, "javac", "#!/bin/sh\n");
    addTool(bin, "java", "#!/bin/sh\necho \"$@\"\n");
    return home;
  }

  private void build() throws IOException {
    Path jar = root.resolve("dataplane/daemon/target/xdp4j.jar");
    Files.createDirectories(jar.getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, EchoMain.class.getName());
    String name = EchoMain.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        InputStream in = EchoMain.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
      out.closeEntry();
      addTraining(out, Training.class);
      addTraining(out, DaemonTraining.class);
    }
  }

  /** A training run that does nothing: the start-up cache can be made, and is small. */
  private static void addTraining(JarOutputStream out, Class<?> training) throws IOException {
    out.putNextEntry(new JarEntry(training.getName().replace('.', '/') + ".class"));
    out.write(
        ClassFile.of()
            .build(
                ClassDesc.of(training.getName()),
                made ->
                    made.withMethodBody(
                        "main",
                        MethodTypeDesc.of(
                            ConstantDescs.CD_void, ConstantDescs.CD_String.arrayType()),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                        CodeBuilder::return_)));
    out.closeEntry();
  }

  /** Runs the script with a PATH of its own, in which {@code maven} is mvn unless empty. */
  private Outcome launch(Path command, String maven, String... arguments) throws Exception {
    Path tools = Files.createDirectories(directory.resolve("tools"));
    for (String tool : TOOLS) {
      addTool(tools, tool, "#!/bin/sh\nexec " + found(tool) + " \"$@\"\n");
    }
    if (!maven.isEmpty()) {
      addTool(tools, "mvn", maven);
    }
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(command.toString());
    builder.command().addAll(List.of(arguments));
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", tools.toString());
    environment.put("JAVA_HOME", jdk);
    environment.putAll(locale);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return new Outcome(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private static void addTool(Path tools, String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static Path found(String tool) {
    return List.of(Path.of("/usr/bin", tool), Path.of("/bin", tool)).stream()
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }
}
