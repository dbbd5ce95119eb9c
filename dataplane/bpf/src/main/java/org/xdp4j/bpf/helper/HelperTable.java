package org.xdp4j.bpf.helper;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.MapType;

/** The helper table while it is filled: each topic's class declares its own rows. */
final class HelperTable {
  private static final MethodType TYPE =
      MethodType.methodType(
          long.class, XdpContext.class, long.class, long.class, long.class, long.class, long.class);

  private final Map<Integer, HelperSpec> rows = new TreeMap<>();
  private final Map<Integer, RefusedHelper> refused = new TreeMap<>();

  /** Begins the row of helper {@code id}, whose name is given without its {@code bpf_} prefix. */
  Row row(int id, String name) {
    return new Row(id, "bpf_" + name);
  }

  /** Helper {@code id} is not answered here; the reason goes on after its name. */
  void refuse(int id, String reason) {
    refused.put(id, new RefusedHelper(id, HelperNames.of(id), reason));
  }

  Map<Integer, RefusedHelper> refused() {
    return refused;
  }

  Map<Integer, HelperSpec> rows() {
    return rows;
  }

  /** A row being filled; {@link #by} ends it. */
  final class Row {
    private final int id;
    private final String name;
    private List<ArgumentKind> arguments = List.of();
    private ReturnKind returns = ReturnKind.INTEGER;
    private String socket = "";
    private boolean movesPacket;
    private boolean gplOnly;
    private boolean readsPacket;
    private Set<MapType> mapTypes = Set.of();
    private String answer = "";

    private Row(int id, String name) {
      this.id = id;
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

    /**
     * The socket it is given, as the kernel's struct of that name, which begins as a socket does.
     */
    Row casts(ReturnKind kind, String struct) {
      socket = struct;
      return returns(kind);
    }

    Row movesPacket() {
      movesPacket = true;
      return this;
    }

    Row gplOnly() {
      gplOnly = true;
      return this;
    }

    Row readsPacket() {
      readsPacket = true;
      return this;
    }

    Row on(Set<MapType> types) {
      mapTypes = Set.copyOf(types);
      return this;
    }

    Row on(MapType first, MapType... more) {
      return on(EnumSet.of(first, more));
    }

    /** What it answers where Linux would ask an object that only a kernel has. */
    Row answers(String sentence) {
      answer = sentence;
      return this;
    }

    /** The implementation; its absence is a mistake of ours, so it ends class initialisation. */
    void by(Class<?> owner, String method) {
      HelperSpec row =
          new HelperSpec(
              id,
              name,
              arguments,
              returns,
              socket,
              movesPacket,
              gplOnly,
              readsPacket,
              mapTypes,
              answer,
              owner,
              method,
              find(owner, method));
      if (!name.equals(HelperNames.of(id))) {
        throw new IllegalStateException("helper " + id + " is not called " + name);
      }
      if (rows.put(id, row) != null) {
        throw new IllegalStateException("helper " + id + " is declared twice");
      }
    }
  }

  static MethodHandle find(Class<?> owner, String method) {
    try {
      return MethodHandles.publicLookup().findStatic(owner, method, TYPE);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no helper method " + owner.getName() + "." + method, e);
    }
  }
}
