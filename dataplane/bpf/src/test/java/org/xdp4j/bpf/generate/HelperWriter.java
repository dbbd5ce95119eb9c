package org.xdp4j.bpf.generate;

import java.util.Collection;
import java.util.List;
import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Opcode;

/** Calls of any helper of the table, its arguments made as its row says. */
final class HelperWriter {
  /** Where arguments in memory are put: 64 bytes below what other statements use. */
  static final int KEY = -8 * Model.SLOTS - 8;

  static final int AREA = KEY - 56;
  private static final int AREA_SIZE = 48;

  private static final List<HelperSpec> CALLABLE =
      Helpers.all().stream().filter(HelperWriter::isPlain).toList();

  private final Scribe s;
  private final NumberWriter numbers;
  private final MapWriter maps;

  HelperWriter(Scribe scribe, NumberWriter numbers, MapWriter maps) {
    this.s = scribe;
    this.numbers = numbers;
    this.maps = maps;
  }

  /** Helpers that are called by themselves, not as a part of a longer dealing. */
  static Collection<HelperSpec> callable() {
    return CALLABLE;
  }

  private static boolean isPlain(HelperSpec helper) {
    boolean known =
        switch (helper.returns()) {
          case INTEGER, VOID, MAP_VALUE_OR_NULL -> true;
          default -> false;
        };
    return known
        && helper.arguments().stream()
            .allMatch(
                kind ->
                    switch (kind) {
                      case NONE,
                          IGNORED,
                          ANYTHING,
                          CONST_MAP,
                          MAP_KEY,
                          MAP_VALUE,
                          UNINIT_MAP_VALUE,
                          MEM,
                          MEM_OR_NULL,
                          UNINIT_MEM,
                          UNINIT_MEM_OR_NULL,
                          SIZE,
                          SIZE_OR_ZERO,
                          CONTEXT,
                          CONST_STRING,
                          WRITABLE_MEM ->
                          true;
                      default -> kind.size() > 0 && kind.size() <= AREA_SIZE;
                    });
  }

  void write() {
    HelperSpec helper = CALLABLE.get(s.below(CALLABLE.size()));
    if (helper.movesPacket() && !s.mayMove && !s.slips()) {
      return;
    }
    int context = s.find(h -> h.is(Kind.CONTEXT));
    boolean needsContext = helper.arguments().contains(ArgumentKind.CONTEXT);
    if (needsContext && (context < 0 || context <= 5 && context != 1)) {
      return;
    }
    int map = WorldMaps.pick(helper.mapTypes(), s.random);
    prepare();
    if (helper.arguments().contains(ArgumentKind.MAP_KEY)) {
      maps.writeKey(map);
    }
    boolean absent = false;
    for (int i = 0; i < helper.arguments().size(); i++) {
      ArgumentKind kind = helper.arguments().get(i);
      absent = argument(helper, i + 1, kind, map, context, absent);
    }
    s.code.call(helper.id());
    finish(helper, map);
  }

  /** Gives the argument area numbers, most of the time. */
  private void prepare() {
    for (int at = AREA; at < AREA + AREA_SIZE; at += 8) {
      if (s.below(3) == 0) {
        s.code.storeImm(Opcode.DW, 10, at, s.below(256));
      }
    }
  }

  /** Sets one argument register; returns whether it is a NULL whose size must be 0. */
  private boolean argument(
      HelperSpec helper, int register, ArgumentKind kind, int map, int context, boolean absent) {
    switch (kind) {
      case NONE, IGNORED -> {
        // Nothing is looked at there.
      }
      case ANYTHING -> anything(helper, register);
      case CONST_MAP -> s.code.map(register, s.slips() ? s.below(WorldMaps.ALL.size()) : map);
      case MAP_KEY -> area(register, KEY);
      case MAP_VALUE, UNINIT_MAP_VALUE -> area(register, AREA);
      case CONTEXT -> s.code.mov(register, context);
      case CONST_STRING -> s.code.value(register, WorldMaps.CONSTANTS, WorldMaps.string(s.random));
      case MEM_OR_NULL, UNINIT_MEM_OR_NULL -> {
        if (s.below(3) == 0) {
          s.code.movImm(register, 0);
          return true;
        }
        memory(helper, register, kind);
      }
      case MEM, UNINIT_MEM, WRITABLE_MEM -> memory(helper, register, kind);
      case SIZE, SIZE_OR_ZERO -> size(helper, register, kind, absent);
      default -> area(register, AREA);
    }
    return false;
  }

  private void area(int register, int at) {
    s.code.mov(register, 10);
    s.code.aluImm(true, Opcode.ADD, register, s.aim(at));
  }

  private void anything(HelperSpec helper, int register) {
    if (helper.movesPacket()) {
      s.code.movImm(register, s.below(48) - 32);
    } else if (s.below(3) == 0 && s.get(8).isNumber()) {
      s.code.mov(register, 8);
    } else {
      s.code.movImm(register, s.coin() ? 0 : s.below(20));
    }
  }

  private void memory(HelperSpec helper, int register, ArgumentKind kind) {
    int pointer = 7 + s.below(3);
    Holding h = s.get(pointer);
    boolean value = h.is(Kind.VALUE) && h.map() < WorldMaps.CONSTANTS && h.most() == 0;
    boolean packet = helper.readsPacket() && h.is(Kind.PACKET) && h.proved() - h.offset() >= 16;
    if ((value || packet) && h.offset() == 0 && s.coin()) {
      s.code.mov(register, pointer);
    } else {
      area(register, AREA);
    }
  }

  private void size(HelperSpec helper, int register, ArgumentKind kind, boolean absent) {
    if (absent) {
      s.code.movImm(register, s.slips() ? 1 : 0);
      return;
    }
    // bpf_snprintf and bpf_trace_vprintk take whole words of arguments.
    boolean words = helper.id() == 165 && register == 5 || helper.id() == 177 && register == 4;
    int least = kind == ArgumentKind.SIZE ? 1 : 0;
    if (words) {
      s.code.movImm(register, 8 * s.below(3));
    } else if (s.below(4) == 0 && s.get(9).isSmall(8) && least == 0) {
      s.code.mov(register, 9);
    } else {
      s.code.movImm(register, s.slips() ? numbers.constant() : least + s.below(9));
    }
  }

  private void finish(HelperSpec helper, int map) {
    s.model.clobber();
    if (helper.movesPacket()) {
      s.model.losePackets();
    }
    s.set(
        0,
        helper.returns() == ReturnKind.MAP_VALUE_OR_NULL
            ? Holding.ofMap(Kind.MAYBE_VALUE, map, s.newId())
            : helper.returns() == ReturnKind.VOID ? Holding.NOTHING : Holding.NUMBER);
  }
}
