package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.daemon.control.Daemon;

/**
 * One command run in this process.
 *
 * @param status its exit status
 * @param out what it printed
 * @param err what it printed on standard error
 */
record Invocation(int status, String out, String err) {
  static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));

  /** Runs xdp4j with these arguments; {@code ~/} stands for the repository's top folder. */
  static Invocation of(String... arguments) {
    return of(InputStream.nullInputStream(), arguments);
  }

  /** Asks a running daemon. */
  static Invocation at(Daemon daemon, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--socket";
    all[arguments.length + 1] = daemon.socket();
    return of(all);
  }

  static Invocation of(String input, String[] arguments) {
    return of(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), arguments);
  }

  private static Invocation of(InputStream in, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(in, print(out), print(err), false, false, Style.PLAIN);
    String[] resolved = new String[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      resolved[i] = arguments[i].replace("~/", ROOT + "/");
    }
    int status = Main.run(console, resolved);
    return new Invocation(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  /** Expects one sentence on standard error, nothing else there, and this status. */
  void refuses(int expectedStatus, String sentence) {
    assertThat(err).isEqualTo("xdp4j: " + sentence.replace("~/", ROOT + "/") + "\n");
    assertThat(status).isEqualTo(expectedStatus);
  }

  /** The lines of JSON it printed, checked to be well-formed, with their members' names. */
  List<List<String>> keys() {
    List<List<String>> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(keys(line));
    }
    return lines;
  }

  private static List<String> keys(String line) {
    List<String> names = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        names.add(parser.currentName());
        parser.nextToken();
        parser.skipChildren();
      }
      assertThat(parser.currentToken()).isEqualTo(JsonToken.END_OBJECT);
      assertThat(parser.nextToken()).isNull();
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
    return names;
  }
}
