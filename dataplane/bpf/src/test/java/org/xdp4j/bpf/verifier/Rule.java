package org.xdp4j.bpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LinkException;
import org.xdp4j.bpf.object.ObjectTypes;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/**
 * One data file:
 *
 * <pre>
 *  # the rule in a sentence
 *  -- maps
 *  HASH 4 8 16 flags=0x80        optional: type, key, value, entries; data=HEX, frozen,
 *                                lock=OFFSET (of a struct bpf_spin_lock in its values),
 *                                timer=OFFSET (of a struct bpf_timer in its values),
 *                                inner=TYPE/key/value/entries
 *                                extra=N (map_extra: where user space has an arena)
 *                                value=STRUCT of the types below, for all other special fields
 *  -- types
 *  struct node { long key; struct bpf_list_node node; }   optional, see Prototypes; in the
 *                                instructions type(node) is its id
 *  -- functions
 *  main: global int (struct xdp_md:24 *)   optional: types, see Prototypes
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
 * @param btf the program's types as the kernel is given them, null when it has none
 * @param message a part of the refusal, null when it is accepted
 * @param kernelAccepts what Linux says
 */
record Rule(
    String name,
    String sentence,
    BpfProgram program,
    List<MapSpec> maps,
    byte[] btf,
    String message,
    boolean kernelAccepts) {

  private static final Pattern KFUNC = Pattern.compile("call (bpf_\\w+|__bpf_\\w+)");

  private static final Pattern TYPE_ID = Pattern.compile("type\\((\\w+)\\)");

  /** What a helper's number is for the assembler when it stands for a kernel function's. */
  private static final int KFUNC_BASE = 1_000_000;

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
    String type = section(text, "type");
    Prototypes prototypes = prototypes(section(text, "types"), section(text, "functions"));
    List<Instruction> code = assemble(withTypeIds(section(text, "asm"), prototypes));
    return new Rule(
        file.getFileName().toString().replace(".rule", ""),
        text.lines().findFirst().orElseThrow().substring(2),
        program(code, type == null ? "" : type, prototypes, labels(section(text, "asm"))),
        maps(section(text, "maps"), prototypes),
        prototypes == null ? null : prototypes.bytes(),
        refuse,
        kernel == null ? refuse == null : kernel.startsWith("accept"));
  }

  private static Prototypes prototypes(String types, String functions) {
    if (types == null) {
      return functions == null ? null : new Prototypes(functions);
    }
    String lone = "rule: static int (struct xdp_md:24 *)";
    return new Prototypes(types, functions == null ? lone : functions);
  }

  private static String withTypeIds(String asm, Prototypes types) {
    return TYPE_ID.matcher(asm).replaceAll(m -> "" + types.id("struct " + m.group(1)));
  }

  /** Assembles; {@code call bpf_iter_num_new} and its like call kernel functions. */
  private static List<Instruction> assemble(String text) {
    String numbered =
        KFUNC
            .matcher(text)
            .replaceAll(
                match ->
                    "call " + (KFUNC_BASE + Kfuncs.byName(match.group(1)).orElseThrow().number()));
    return Assembler.assemble(numbered).stream()
        .map(
            i ->
                i.isHelperCall() && i.imm() > KFUNC_BASE
                    ? i.withSrc(Opcode.PSEUDO_KFUNC_CALL).withImm(i.imm() - KFUNC_BASE)
                    : i)
        .toList();
  }

  /** Where each label stands: a line is an instruction, one that ends in {@code ll} two. */
  private static Map<String, Integer> labels(String asm) {
    Map<String, Integer> found = new HashMap<>();
    int at = 0;
    for (String line : asm.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        found.put(line.substring(0, colon), at);
      }
      boolean alone = line.strip().endsWith(":");
      at += alone || line.isBlank() ? 0 : line.strip().endsWith(" ll") ? 2 : 1;
    }
    return found;
  }

  private static BpfProgram program(
      List<Instruction> code, String type, Prototypes prototypes, Map<String, Integer> labels) {
    return new BpfProgram(
        "rule",
        "xdp",
        type.contains("devmap") ? ProgramType.XDP_DEVMAP : ProgramType.XDP,
        false,
        code,
        subprograms(code, prototypes, labels),
        List.of(),
        !type.contains("proprietary"),
        null,
        prototypes == null ? Btf.EMPTY : prototypes.btf());
  }

  private static List<Subprogram> subprograms(
      List<Instruction> code, Prototypes prototypes, Map<String, Integer> labels) {
    if (prototypes == null) {
      return List.of(new Subprogram("rule", 0, code.size(), false, 0));
    }
    TreeSet<Integer> starts = new TreeSet<>(List.of(0));
    for (int i = 0; i < code.size(); i = Instructions.nextIndex(code, i)) {
      Instruction at = code.get(i);
      if (at.isSubprogramCall() || at.isWide() && at.src() == Opcode.PSEUDO_FUNC) {
        starts.add(Instructions.callTarget(code, i));
      }
    }
    for (Prototypes.Function function : prototypes.functions()) {
      Integer label = labels.get(function.name());
      if (label != null) {
        starts.add(label); // an exception callback, which nothing calls
      }
    }
    if (starts.size() != prototypes.functions().size()) {
      throw new IllegalArgumentException("there are " + starts.size() + " functions");
    }
    List<Subprogram> found = new ArrayList<>();
    for (int start : starts) {
      Prototypes.Function function = prototypes.functions().get(found.size());
      Integer end = starts.higher(start);
      boolean global = function.global() && start != 0;
      found.add(
          new Subprogram(
              function.name(), start, end == null ? code.size() : end, global, function.btfFunc()));
    }
    return found;
  }

  private static List<MapSpec> maps(String section, Prototypes types) {
    List<MapSpec> maps = new ArrayList<>();
    if (section != null) {
      section
          .lines()
          .forEach(line -> maps.add(map("map" + maps.size(), line.split("[ /]+"), types)));
    }
    return maps;
  }

  private static MapSpec map(String name, String[] words, Prototypes types) {
    int flags = 0;
    byte[] data = null;
    boolean frozen = false;
    MapSpec inner = null;
    List<SpecialField> fields = new ArrayList<>();
    int value = 0;
    long extra = 0;
    for (int i = 4; i < words.length; i++) {
      if (words[i].startsWith("flags=")) {
        flags = Integer.decode(words[i].substring(6));
      } else if (words[i].startsWith("data=")) {
        data = HexFormat.of().parseHex(words[i].substring(5));
      } else if (words[i].startsWith("lock=")) {
        int offset = Integer.parseInt(words[i].substring(5));
        fields.add(new SpecialField(SpecialField.Kind.SPIN_LOCK, offset));
      } else if (words[i].startsWith("timer=")) {
        int offset = Integer.parseInt(words[i].substring(6));
        fields.add(new SpecialField(SpecialField.Kind.TIMER, offset));
      } else if (words[i].startsWith("value=")) {
        value = types.id("struct " + words[i].substring(6));
        fields.addAll(fields(types, value));
      } else if (words[i].startsWith("extra=")) {
        extra = Long.decode(words[i].substring(6));
      } else if (words[i].equals("frozen")) {
        frozen = true;
      } else if (words[i].startsWith("inner=")) {
        String[] shape = {words[i].substring(6), words[i + 1], words[i + 2], words[i + 3]};
        inner = map(name + "_inner", shape, types);
        i += 3;
      }
    }
    return MapSpec.of(
            name,
            MapType.valueOf(words[0]),
            Integer.parseInt(words[1]),
            Integer.parseInt(words[2]),
            Integer.parseInt(words[3]),
            flags)
        .withBtf(value == 0 ? 0 : types.id("int"), value)
        .withInner(inner)
        .withData(data)
        .withFrozen(frozen)
        .withExtra(extra)
        .withFields(fields);
  }

  private static List<SpecialField> fields(Prototypes types, int value) {
    try {
      return new ObjectTypes(types.btf()).fields(value);
    } catch (LinkException e) {
      throw new IllegalArgumentException(e);
    }
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
