package org.xdp4j.bpf.helper;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The table of kernel functions while it is filled: each topic's class declares its own rows. */
final class KfuncTable {
  private final Map<String, KfuncSpec> rows = new LinkedHashMap<>();
  private final Map<String, String> refused = new TreeMap<>();

  /** Begins a row; {@link Row#by} ends it. */
  Row row(String name) {
    return new Row(name);
  }

  /** The function is not answered here; the reason goes on after its name. */
  void refuse(String name, String reason) {
    refused.put(name, reason);
  }

  Map<String, String> refused() {
    return refused;
  }

  Map<String, KfuncSpec> rows() {
    return rows;
  }

  /** A row being filled. */
  final class Row {
    private final String name;
    private final EnumSet<KfuncSpec.Flag> flags = EnumSet.noneOf(KfuncSpec.Flag.class);
    private List<ArgumentKind> arguments = List.of();
    private ReturnKind returns = ReturnKind.INTEGER;
    private boolean movesPacket;
    private String answer = "";

    private Row(String name) {
      this.name = name;
    }

    Row takes(ArgumentKind... kinds) {
      arguments = List.of(kinds);
      return this;
    }

    Row returns(ReturnKind kind) {
      returns = kind;
      return this;
    }

    Row movesPacket() {
      movesPacket = true;
      return this;
    }

    /** What it answers where Linux would ask an object that only a kernel has. */
    Row answers(String sentence) {
      answer = sentence;
      return this;
    }

    Row is(KfuncSpec.Flag flag) {
      flags.add(flag);
      return this;
    }

    /** The implementation; its absence is a mistake of ours, so it ends class initialisation. */
    void by(Class<?> owner, String method) {
      int number = rows.size() + 1;
      HelperSpec call =
          new HelperSpec(
              -number,
              name,
              arguments,
              returns,
              "",
              movesPacket,
              false,
              true,
              Set.of(),
              answer,
              owner,
              method,
              HelperTable.find(owner, method));
      if (rows.put(name, new KfuncSpec(number, call, Set.copyOf(flags))) != null) {
        throw new IllegalStateException("kernel function " + name + " is declared twice");
      }
    }
  }
}
