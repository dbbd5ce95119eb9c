package org.xdp4j.bpf.generate;

import static org.xdp4j.bpf.isa.Opcode.ADD;

import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.xdp4j.bpf.generate.Holding.Kind;

/** What all writers of statements share: the code, the model of where it stands, and the dice. */
final class Scribe {
  final Code code = new Code();
  final RandomGenerator random;
  Model model = new Model();

  /** Where a check that fails goes: the function's end, or what must be done before it. */
  int out;

  /** Whether calls may move the packet here. */
  boolean mayMove = true;

  /** In how many of 1000 decisions care is thrown to the wind. */
  private final int careless;

  private int ids;

  Scribe(RandomGenerator random, int careless) {
    this.random = random;
    this.careless = careless;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  /** Whether to do something wrong now. */
  boolean slips() {
    return random.nextInt(1000) < careless;
  }

  int newId() {
    return ++ids;
  }

  /** A register that may be written. */
  int writable() {
    int register;
    do {
      register = random.nextInt(10);
    } while (model.isLocked(register) || register == 6 && !slips());
    return register;
  }

  /** A writable register that survives calls, or -1. */
  int saved() {
    for (int register = 7; register <= 9; register++) {
      if (!model.isLocked(register)) {
        return register;
      }
    }
    return -1;
  }

  /** A register that holds such a thing, or -1; any register at all after a slip. */
  int find(Predicate<Holding> wanted) {
    if (slips()) {
      return random.nextInt(11);
    }
    int start = random.nextInt(11);
    for (int i = 0; i < 11; i++) {
      int register = (start + i) % 11;
      if (wanted.test(model.registers[register])) {
        return register;
      }
    }
    return -1;
  }

  int find(Kind kind) {
    return find(h -> h.is(kind));
  }

  /** A register with a number, set now when there is none. */
  int number() {
    int register = find(Holding::isNumber);
    return register >= 0 ? register : fresh(random.nextInt(100));
  }

  /** A writable register that holds a number. */
  int ownNumber() {
    for (int i = 0; i < 8; i++) {
      int register = writable();
      if (model.registers[register].isNumber()) {
        return register;
      }
    }
    return fresh(random.nextInt());
  }

  private int fresh(int value) {
    int register = writable();
    code.movImm(register, value);
    set(register, Holding.number(value < 0 ? -1 : value));
    return register;
  }

  void set(int register, Holding holding) {
    model.registers[register] = holding;
  }

  Holding get(int register) {
    return model.registers[register];
  }

  void mov(int dst, int src) {
    code.mov(dst, src);
    set(dst, get(src));
  }

  void add(int dst, int by) {
    code.aluImm(true, ADD, dst, by);
    set(dst, get(dst).moved(by));
  }

  /** An offset that is sometimes one too far. */
  int aim(int offset) {
    return slips() ? offset + random.nextInt(-9, 10) : offset;
  }

  /** Places a label that was jumped to with {@code from}. */
  void land(int label, Model from) {
    code.place(label);
    model.merge(from);
  }
}
