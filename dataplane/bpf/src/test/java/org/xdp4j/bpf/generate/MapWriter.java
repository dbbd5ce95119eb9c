package org.xdp4j.bpf.generate;

import java.util.EnumSet;
import java.util.Set;
import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** Statements on maps and what they hold: lookups, NULL checks, accesses of values and records. */
final class MapWriter {
  private static final int LOOKUP = 1;
  private static final int RESERVE = 131;
  private static final int SUBMIT = 132;
  private static final int DISCARD = 133;
  private static final Set<MapType> READABLE =
      EnumSet.copyOf(Helpers.byId(LOOKUP).orElseThrow().mapTypes());

  private final Scribe s;
  private final NumberWriter numbers;
  private final AtomicWriter atomics;

  MapWriter(Scribe scribe, NumberWriter numbers, AtomicWriter atomics) {
    this.s = scribe;
    this.numbers = numbers;
    this.atomics = atomics;
  }

  void write() {
    switch (s.below(10)) {
      case 0, 1, 2 -> lookup(WorldMaps.pick(s.slips() ? Set.of() : READABLE, s.random));
      case 3, 4 -> checkNull();
      case 5, 6, 7 -> access();
      case 8 -> direct();
      default -> inner();
    }
  }

  /** Writes a key of {@code map} to the argument area. */
  void writeKey(int map) {
    MapSpec spec = WorldMaps.ALL.get(map);
    int at = HelperWriter.KEY;
    if (spec.type() == MapType.LPM_TRIE) {
      s.code.storeImm(Opcode.W, 10, at, s.below(40));
      s.code.storeImm(Opcode.W, 10, at + 4, s.below(4) * 0x1000000);
      return;
    }
    int size = spec.keySize() == 8 ? Opcode.DW : Opcode.W;
    if (s.below(3) == 0) {
      s.code.store(size, 10, s.number(), at);
    } else {
      s.code.storeImm(size, 10, at, s.below(6));
    }
  }

  private void lookup(int map) {
    writeKey(map);
    s.code.map(1, map);
    s.code.mov(2, 10);
    s.code.aluImm(true, Opcode.ADD, 2, s.aim(HelperWriter.KEY));
    finishLookup(map);
  }

  private void finishLookup(int map) {
    s.code.call(LOOKUP);
    s.model.clobber();
    boolean ofMaps = map == WorldMaps.ARRAY_OF_MAPS || map == WorldMaps.HASH_OF_MAPS;
    s.set(0, Holding.ofMap(ofMaps ? Kind.MAYBE_MAP : Kind.MAYBE_VALUE, map, s.newId()));
    if (s.coin()) {
      int saved = s.saved();
      if (saved >= 0) {
        s.mov(saved, 0);
      }
    }
    if (s.coin()) {
      checkNull();
    }
  }

  private static boolean isNullable(Holding h) {
    return h.is(Kind.MAYBE_VALUE) || h.is(Kind.MAYBE_MAP);
  }

  /** Compares a pointer with NULL and goes on where it is not. */
  private void checkNull() {
    int pointer = s.find(MapWriter::isNullable);
    if (pointer < 0) {
      return;
    }
    Holding holding = s.get(pointer);
    if (s.coin()) {
      s.code.jumpImm(true, Opcode.JEQ, pointer, 0, s.out);
    } else {
      int ok = s.code.newLabel();
      s.code.jumpImm(true, Opcode.JNE, pointer, 0, ok);
      s.code.jump(false, s.out);
      s.code.place(ok);
    }
    Kind known = holding.is(Kind.MAYBE_MAP) ? Kind.INNER_MAP : Kind.VALUE;
    s.model.replaceAll(
        h -> isNullable(h) && h.id() == holding.id() && h.id() != 0 ? h.as(known) : h);
  }

  private void access() {
    int pointer = s.find(Kind.VALUE);
    if (pointer < 0) {
      checkNull();
      return;
    }
    Holding h = s.get(pointer);
    int map = Math.max(h.map(), 0);
    int room = WorldMaps.valueSize(map) - h.offset() - (int) Math.max(h.most(), 0);
    if (s.below(4) == 0 && h.most() == 0 && room > 8 && !s.model.isLocked(pointer)) {
      variable(pointer, map, room);
      return;
    }
    touch(pointer, map, room, -h.offset());
  }

  private void touch(int pointer, int map, int room, int low) {
    int size = Sizes.of(s.below(4));
    int bytes = Sizes.bytes(size);
    if (room < bytes) {
      return;
    }
    int from = Math.max(low, -4);
    int place = s.aim(s.below(room - bytes + 1) + (s.below(8) == 0 ? Math.min(from, 0) : 0));
    boolean readOnly =
        map == WorldMaps.READ_ONLY
            || map == WorldMaps.CONSTANTS
            || WorldMaps.ALL.get(map).type() == MapType.DEVMAP
            || WorldMaps.ALL.get(map).type() == MapType.DEVMAP_HASH
            || WorldMaps.ALL.get(map).type() == MapType.XSKMAP;
    int choice =
        s.slips() ? s.below(4) : readOnly ? 0 : map == WorldMaps.WRITE_ONLY ? 1 : s.below(4);
    switch (choice) {
      case 0 -> {
        int dst = s.writable();
        s.code.load(size, s.coin(), dst, pointer, place);
        s.set(dst, Holding.NUMBER);
      }
      case 1 -> s.code.store(size, pointer, s.number(), place);
      case 2 -> s.code.storeImm(size, pointer, place, numbers.constant());
      default -> {
        if (room >= 8 && s.get(pointer).most() == 0 && s.get(pointer).offset() % 8 == 0) {
          atomics.write(pointer, 0, room / 8 * 8);
        }
      }
    }
  }

  private void variable(int pointer, int map, int room) {
    Holding was = s.get(pointer);
    int index = numbers.bounded(Math.min(room - 2, s.coin() ? 7 : 3));
    if (index == pointer || !was.equals(s.get(pointer))) {
      return;
    }
    int to = s.writable();
    if (to == index) {
      return;
    }
    s.code.mov(to, pointer);
    s.code.aluReg(true, Opcode.ADD, to, index, 0);
    s.set(to, was.withVariable(s.get(index).most(), 0));
    touch(to, map, room - (int) s.get(index).most(), 0);
  }

  /** A value at a known address: data and constants. */
  private void direct() {
    int map = s.coin() ? WorldMaps.DATA : WorldMaps.CONSTANTS;
    int dst = s.writable();
    int offset = s.below(WorldMaps.valueSize(map));
    s.code.value(dst, map, offset);
    s.set(dst, Holding.ofMap(Kind.VALUE, map, 0).moved(offset));
    touch(dst, map, WorldMaps.valueSize(map) - offset, -offset);
  }

  /** A lookup in a map that came out of a map. */
  private void inner() {
    int map = s.find(Kind.INNER_MAP);
    if (map < 0) {
      lookup(s.coin() ? WorldMaps.ARRAY_OF_MAPS : WorldMaps.HASH_OF_MAPS);
      return;
    }
    s.code.storeImm(Opcode.W, 10, HelperWriter.KEY, s.below(3));
    s.code.mov(1, map);
    s.code.mov(2, 10);
    s.code.aluImm(true, Opcode.ADD, 2, HelperWriter.KEY);
    // Values of inner maps are as large as those of a map of type LRU_HASH here.
    finishLookup(4);
  }

  /** Reserves a record, writes to it while {@code body} does other things, and gives it back. */
  void record(Runnable body) {
    int register = s.saved();
    if (register < 0) {
      return;
    }
    int size = 8 * (1 + s.below(4));
    s.code.map(1, WorldMaps.RING);
    s.code.movImm(2, size);
    s.code.movImm(3, 0);
    s.code.call(RESERVE);
    s.model.clobber();
    int skip = s.code.newLabel();
    s.code.mov(register, 0);
    s.set(register, Holding.NOTHING);
    s.code.jumpImm(true, Opcode.JEQ, register, 0, skip);
    Model without = s.model.copy();
    int outside = s.out;
    s.out = s.code.newLabel();
    s.model.locked |= 1 << register;
    int bytes = Sizes.of(s.below(4));
    s.code.storeImm(bytes, register, s.aim(s.below(size - Sizes.bytes(bytes) + 1)), s.below(100));
    body.run();
    s.code.place(s.out);
    s.out = outside;
    s.code.mov(1, register);
    s.code.movImm(2, s.below(3));
    if (!s.slips()) {
      s.code.call(s.coin() ? SUBMIT : DISCARD);
    }
    s.model = without.copy();
    s.model.clobber();
    s.model.replaceAll(h -> h.is(Kind.CONTEXT) || h.is(Kind.STACK) ? h : Holding.NOTHING);
    s.code.place(skip);
    s.set(register, Holding.NOTHING);
  }
}
