package org.xdp4j.bpf.verifier;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.btf.BtfException;

/**
 * Types of a program's functions from lines such as
 *
 * <pre>
 *  sub: global int (struct xdp_md *, struct pair:8 * nonnull, unsigned long)
 * </pre>
 *
 * one a function, the program itself first, then the others in the order of instructions. A struct
 * is followed by its size, or by nothing when it is only declared; a parameter by its {@code arg:}
 * tags, a function by {@code exception=NAME} for its exception callback. Structs with members stand
 * before them, one a line:
 *
 * <pre>
 *  struct node { long key; struct bpf_rb_node rb; struct node * next kptr; }
 *  struct value { struct bpf_spin_lock lock; struct bpf_rb_root root contains:node:rb; }
 * </pre>
 */
final class Prototypes {
  private static final Pattern LINE =
      Pattern.compile("(\\w+): (static|global) (.+?) \\((.*?)\\)((?: exception=\\w+)*)");
  private static final Pattern STRUCT = Pattern.compile("struct (\\w+) \\{ (.*) \\}");
  private static final int TYPE_TAG = 18;
  private static final int FWD = 7;
  private static final int CONST = 10;
  private static final int DECL_TAG = 17;

  /** Sizes of the structs that only kernel functions touch, in words of 4 and of 8 bytes. */
  private static final Map<String, Integer> SPECIAL =
      Map.of(
          "bpf_spin_lock", 4,
          "bpf_refcount", 4,
          "bpf_res_spin_lock", 4,
          "bpf_list_head", 16,
          "bpf_wq", 16,
          "bpf_rb_root", 16,
          "bpf_list_node", 24,
          "bpf_rb_node", 32);

  private final BtfBuilder builder = new BtfBuilder();
  private final Map<String, Integer> types = new HashMap<>();

  /** Ids that structs have, known from reading the same lines once before. */
  private final Map<String, Integer> structs;

  private final List<Function> functions = new ArrayList<>();

  /** A function that was declared. */
  record Function(String name, boolean global, int btfFunc) {}

  Prototypes(String section) {
    this("", section);
  }

  /**
   * Functions, and structs with members.
   *
   * @param members lines of structs
   */
  Prototypes(String members, String functions) {
    this(members, functions, new Prototypes(members, "", Map.of()).structs);
  }

  private Prototypes(String members, String functions, Map<String, Integer> known) {
    structs = new HashMap<>(known);
    members.lines().forEach(this::composite);
    functions.lines().forEach(this::function);
  }

  /** The id of a type. */
  int id(String text) {
    return type(text);
  }

  private void composite(String line) {
    Matcher m = STRUCT.matcher(line);
    if (!m.matches()) {
      throw new IllegalArgumentException("no struct: " + line);
    }
    List<Object> members = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    int offset = 0;
    int most = 1;
    for (String member : m.group(2).split("; *")) {
      String[] words = member.trim().split(" +");
      boolean tagged = words[words.length - 1].matches("contains:.*|.*kptr.*");
      int name = words.length - (tagged ? 2 : 1);
      String text = String.join(" ", java.util.Arrays.copyOf(words, name));
      String tag = tagged ? words[words.length - 1] : "";
      int type = tag.contains("kptr") ? tagged(text, tag) : type(text);
      int size = sizeOf(text);
      int alignment = Math.min(8, size);
      offset = (offset + alignment - 1) / alignment * alignment;
      most = Math.max(most, alignment);
      members.addAll(List.of(words[name], type, offset * Byte.SIZE));
      tags.add(tag.startsWith("contains:") ? tag : "");
      offset += size;
    }
    int size = (offset + most - 1) / most * most;
    int id = builder.struct(m.group(1), size, members.toArray());
    structs.put(m.group(1), id);
    types.put("struct " + m.group(1), id);
    for (int i = 0; i < tags.size(); i++) {
      if (!tags.get(i).isEmpty()) {
        builder.type(tags.get(i), DECL_TAG, false, 0, id, i);
      }
    }
  }

  private int tagged(String text, String tag) {
    int target = type(text.substring(0, text.length() - 1).trim());
    return builder.pointer(builder.type(tag, TYPE_TAG, false, 0, target));
  }

  private int sizeOf(String text) {
    if (text.endsWith("*")) {
      return Long.BYTES;
    }
    return switch (text) {
      case "char" -> 1;
      case "short" -> 2;
      case "int" -> 4;
      case "long", "unsigned long" -> 8;
      default -> SPECIAL.get(text.substring(7));
    };
  }

  List<Function> functions() {
    return functions;
  }

  byte[] bytes() {
    return builder.btf();
  }

  Btf btf() {
    try {
      return Btf.parse(ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN));
    } catch (BtfException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void function(String line) {
    Matcher m = LINE.matcher(line);
    if (!m.matches()) {
      throw new IllegalArgumentException("no prototype: " + line);
    }
    List<Object> parameters = new ArrayList<>();
    List<String[]> tags = new ArrayList<>();
    for (String parameter : m.group(4).isEmpty() ? new String[0] : m.group(4).split(", *")) {
      int end = parameter.lastIndexOf('*') + 1;
      String type = end == 0 ? parameter : parameter.substring(0, end);
      parameters.add("p" + parameters.size() / 2);
      parameters.add(type(type.trim()));
      String rest = end == 0 ? "" : parameter.substring(end).trim();
      tags.add(rest.isEmpty() ? new String[0] : rest.split(" +"));
    }
    int prototype = builder.prototype(type(m.group(3)), parameters.toArray());
    boolean global = m.group(2).equals("global");
    int func = builder.function(m.group(1), prototype, global ? 1 : 0);
    for (int i = 0; i < tags.size(); i++) {
      for (String tag : tags.get(i)) {
        builder.type("arg:" + tag, DECL_TAG, false, 0, func, i);
      }
    }
    for (String word : m.group(5).trim().split(" +")) {
      if (!word.isEmpty()) {
        String tag = word.replace("exception=", "exception_callback:");
        builder.type(tag, DECL_TAG, false, 0, func, -1);
      }
    }
    functions.add(new Function(m.group(1), global, func));
  }

  private int type(String text) {
    Integer known = types.get(text);
    if (known == null) {
      known = make(text);
      types.put(text, known);
    }
    return known;
  }

  private int make(String text) {
    if (text.endsWith("*")) {
      return builder.pointer(type(text.substring(0, text.length() - 1).trim()));
    }
    if (text.startsWith("const ")) {
      return builder.type("", CONST, false, 0, type(text.substring(6)));
    }
    return switch (text) {
      case "void" -> 0;
      case "char" -> builder.integer("char", 1, true);
      case "short" -> builder.integer("short", 2, true);
      case "int" -> builder.integer("int", 4, true);
      case "long" -> builder.integer("long", 8, true);
      case "unsigned long" -> builder.integer("unsigned long", 8, false);
      case "bool" -> builder.bool();
      case "enum" -> builder.enumeration("action", false, "ZERO", 0, "ONE", 1);
      default -> struct(text);
    };
  }

  private int struct(String text) {
    if (!text.startsWith("struct ")) {
      throw new IllegalArgumentException("no type: " + text);
    }
    String name = text.substring(7);
    if (structs.containsKey(name)) {
      // Declared on first use, as when its id was found, so that all ids are the same.
      builder.type(name, FWD, false, 0, 0);
      return structs.get(name);
    }
    if (SPECIAL.containsKey(name)) {
      int size = SPECIAL.get(name);
      boolean words = size % 8 == 0;
      int opaque = builder.array(type(words ? "unsigned long" : "int"), size / (words ? 8 : 4));
      return builder.struct(name, size, "opaque", opaque, 0);
    }
    int colon = name.indexOf(':');
    if (colon < 0) {
      return builder.type(name, FWD, false, 0, 0);
    }
    int size = Integer.parseInt(name.substring(colon + 1));
    int bytes = builder.array(type("char"), size);
    return builder.struct(name.substring(0, colon), size, "bytes", bytes, 0);
  }
}
