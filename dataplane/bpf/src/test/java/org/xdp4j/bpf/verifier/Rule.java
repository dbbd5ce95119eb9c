package org.xdp4j.bpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/**
 * One data file:
 *
 * <pre>
 *  # the rule in a sentence
 *  -- maps
 *  HASH 4 8 16 flags=0x80        optional: type, key, value, entries; data=HEX, frozen,
 *                                inner=TYPE/key/value/entries
 *  -- type
 *  devmap                        optional: the program's section; or proprietary, its licence
 *  -- asm
 *  r0 = 2                        as the assembler reads it
 *  exit
 *  -- accept                     or: -- refuse, and a part of the message
 *  -- kernel
 *  accept: why                   only where Linux decides differently
 * </pre>
 *
 * @param message a part of the refusal, null when it is accepted
 * @param kernelAccepts what Linux says
 */
record Rule(
    String name,
    String sentence,
    BpfProgram program,
    List<MapSpec> maps,
    String message,
    boolean kernelAccepts) {

  static Stream<Rule> all() throws IOException {
    Path root = Path.of(System.getProperty("xdp4j.root"));
    Path folder = root.resolve("dataplane/bpf/src/test/resources/verifier");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".rule"))
          .sorted()
          .map(Rule::read)
          .toList()
          .stream();
    }
  }

  boolean accepts() {
    return message == null;
  }

  static Rule read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String refuse = section(text, "refuse");
    if (refuse == null == (section(text, "accept") == null)) {
      throw new IllegalArgumentException(file + " needs one of accept and refuse");
    }
    String kernel = section(text, "kernel");
    List<Instruction> code = Assembler.assemble(section(text, "asm"));
    String type = section(text, "type");
    return new Rule(
        file.getFileName().toString().replace(".rule", ""),
        text.lines().findFirst().orElseThrow().substring(2),
        program(code, type == null ? "" : type),
        maps(section(text, "maps")),
        refuse,
        kernel == null ? refuse == null : kernel.startsWith("accept"));
  }

  private static BpfProgram program(List<Instruction> code, String type) {
    return new BpfProgram(
        "rule",
        "xdp",
        type.contains("devmap") ? ProgramType.XDP_DEVMAP : ProgramType.XDP,
        false,
        code,
        List.of(new Subprogram("rule", 0, code.size(), false, 0)),
        List.of(),
        !type.contains("proprietary"),
        null);
  }

  private static List<MapSpec> maps(String section) {
    List<MapSpec> maps = new ArrayList<>();
    if (section != null) {
      section.lines().forEach(line -> maps.add(map("map" + maps.size(), line.split("[ /]+"))));
    }
    return maps;
  }

  private static MapSpec map(String name, String[] words) {
    int flags = 0;
    byte[] data = null;
    boolean frozen = false;
    MapSpec inner = null;
    for (int i = 4; i < words.length; i++) {
      if (words[i].startsWith("flags=")) {
        flags = Integer.decode(words[i].substring(6));
      } else if (words[i].startsWith("data=")) {
        data = HexFormat.of().parseHex(words[i].substring(5));
      } else if (words[i].equals("frozen")) {
        frozen = true;
      } else if (words[i].startsWith("inner=")) {
        String[] shape = {words[i].substring(6), words[i + 1], words[i + 2], words[i + 3]};
        inner = map(name + "_inner", shape);
        i += 3;
      }
    }
    return new MapSpec(
        name,
        MapType.valueOf(words[0]).id(),
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        Integer.parseInt(words[3]),
        flags,
        0,
        0,
        inner,
        List.of(),
        data,
        frozen,
        0,
        null);
  }

  private static String section(String text, String name) {
    int start = ("\n" + text).indexOf("\n-- " + name + "\n");
    if (start < 0) {
      return null;
    }
    String rest = text.substring(start + name.length() + 4);
    int end = rest.indexOf("\n-- ");
    return rest.startsWith("-- ") ? "" : (end < 0 ? rest : rest.substring(0, end)).strip();
  }

  @Override
  public String toString() {
    return name + ": " + sentence;
  }
}
