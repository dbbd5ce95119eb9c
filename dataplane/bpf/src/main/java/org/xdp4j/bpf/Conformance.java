package org.xdp4j.bpf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.StringTokenizer;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;

/**
 * The plugin side of the bpf_conformance protocol: one program in, r0 out.
 *
 * <pre>
 *  arguments       [MEMORY] [--interpret] [--jit] [--debug] [--elf] [--program HEX]
 *                  others that begin with -- are passed over
 *  standard input  the program, unless --program gave it
 *  output          r0 in hexadecimal
 *  status          0, or 1 when the program was refused or faulted, 2 when it cannot be read
 * </pre>
 *
 * Memory and program are bytes in hexadecimal, separated by blanks or not at all. The program
 * starts with the memory's address in r1 and its length in r2.
 */
public final class Conformance {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int UNUSABLE = 2;

  /** Characters of the longest program text that is read. */
  private static final int MAX_TEXT = 1 << 26;

  /** Address space for the maps of an object file. */
  private static final long REGION = 1L << 32;

  private String memory = "";
  private String program;
  private boolean interpret;
  private boolean elf;

  private Conformance() {}

  /** Runs one exchange of the protocol and returns the exit status. */
  public static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
    try {
      Conformance exchange = new Conformance();
      exchange.read(arguments);
      String text = exchange.program == null ? text(in) : exchange.program;
      byte[] code = bytes("program", text);
      byte[] memory = bytes("memory", exchange.memory);
      long r0 =
          exchange.elf
              ? packetProgram(code, memory, exchange.interpret)
              : RawProgram.run(Instructions.decode(code), memory, exchange.interpret);
      out.println(Long.toHexString(r0));
      out.flush();
      return OK;
    } catch (RawProgram.FailureException | LoadException failure) {
      err.println(failure.getMessage());
      return FAILED;
    } catch (IllegalArgumentException | IOException | ObjectException unusable) {
      err.println(unusable.getMessage());
      return UNUSABLE;
    }
  }

  private static long packetProgram(byte[] file, byte[] packet, boolean interpret)
      throws ObjectException, LoadException {
    BpfObject object = ObjectReader.read("the object", file);
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of());
    try (Region region = Region.reserve(REGION);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpProgram first =
          loaded.programs().stream()
              .findFirst()
              .orElseThrow(() -> new LoadException("the object has no XDP program"));
      byte[] frame = Arrays.copyOf(packet, Math.max(packet.length, TestRun.MIN_FRAME));
      return TestRun.run(first, new XdpContext(region, 0), frame, 1).returnCode() & 0xffffffffL;
    }
  }

  private void read(String[] arguments) {
    boolean memoryGiven = false;
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.startsWith("--")) {
        i += option(argument, i + 1 < arguments.length ? arguments[i + 1] : null);
      } else if (!argument.isBlank()) {
        if (memoryGiven) {
          throw new IllegalArgumentException("memory is given twice: " + argument);
        }
        memory = argument;
        memoryGiven = true;
      }
    }
  }

  /** Takes one option and returns how many further arguments belong to it. */
  private int option(String option, String next) {
    switch (option) {
      case "--interpret" -> interpret = true;
      case "--jit" -> interpret = false;
      case "--debug" -> {
        // Reasons are always printed.
      }
      case "--program" -> {
        if (next == null) {
          throw new IllegalArgumentException("--program needs the program's bytes");
        }
        program = next;
        return 1;
      }
      case "--elf" -> elf = true;
      default -> {
        // The protocol lets a runner pass options that mean nothing to this plugin.
      }
    }
    return 0;
  }

  private static String text(InputStream in) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      text.write(buffer, 0, n);
      if (text.size() > MAX_TEXT) {
        throw new IOException("the program is longer than " + MAX_TEXT + " characters");
      }
    }
    return text.toString(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(String what, String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringTokenizer tokens = new StringTokenizer(text);
    while (tokens.hasMoreTokens()) {
      String token = tokens.nextToken();
      if (token.length() > 2 && token.length() % 2 != 0) {
        throw notHex(what, token);
      }
      for (int i = 0; i < token.length(); i += 2) {
        bytes.write(octet(what, token.substring(i, Math.min(i + 2, token.length()))));
      }
    }
    return bytes.toByteArray();
  }

  private static int octet(String what, String digits) {
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(i), 16);
      if (digit < 0) {
        throw notHex(what, digits);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static IllegalArgumentException notHex(String what, String token) {
    String shown = token.length() > 40 ? token.substring(0, 40) + "..." : token;
    return new IllegalArgumentException(
        "'" + shown + "' in the " + what + " is no hexadecimal byte");
  }
}
