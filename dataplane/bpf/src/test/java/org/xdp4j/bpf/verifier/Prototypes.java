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
 * tags.
 */
final class Prototypes {
  private static final Pattern LINE = Pattern.compile("(\\w+): (static|global) (.+?) \\((.*)\\)");
  private static final int FWD = 7;
  private static final int CONST = 10;
  private static final int DECL_TAG = 17;

  private final BtfBuilder builder = new BtfBuilder();
  private final Map<String, Integer> types = new HashMap<>();
  private final List<Function> functions = new ArrayList<>();

  /** A function that was declared. */
  record Function(String name, boolean global, int btfFunc) {}

  Prototypes(String section) {
    section.lines().forEach(this::function);
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
    int colon = name.indexOf(':');
    if (colon < 0) {
      return builder.type(name, FWD, false, 0, 0);
    }
    int size = Integer.parseInt(name.substring(colon + 1));
    int bytes = builder.array(type("char"), size);
    return builder.struct(name.substring(0, colon), size, "bytes", bytes, 0);
  }
}
