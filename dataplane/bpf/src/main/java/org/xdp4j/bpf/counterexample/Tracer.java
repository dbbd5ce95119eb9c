package org.xdp4j.bpf.counterexample;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;

/** Follows one run, keeping for each register and stack slot how it was computed. */
final class Tracer implements StepListener {
  /** Decisions kept of a run that goes round and round. */
  private static final int MOST_DECISIONS = 20_000;

  /** A value that was stored. */
  private record Stored(Node node, int size, long value) {}

  /** A value that a lookup found. */
  private record Found(Input.Place place, int size) {}

  private final List<Instruction> program;
  private final XdpContext context;
  private final List<BpfMap> maps;
  private final int refused;
  private final long data;
  private final long end;
  private Node[] nodes = new Node[11];
  private final ArrayDeque<Node[]> callers = new ArrayDeque<>();
  private final Map<Long, Stored> stored = new HashMap<>();
  private final Map<Long, Found> values = new HashMap<>();
  private final List<Decision> decisions = new ArrayList<>();

  /** What the refused instruction was about to do when it was last reached. */
  private Node refusedBase;

  private long refusedAddress;
  private boolean reached;

  private Decision pendingDecision;
  private Found pendingLookup;
  private Node pendingKey;

  Tracer(List<Instruction> program, XdpContext context, List<BpfMap> maps, int refused) {
    this.program = program;
    this.context = context;
    this.maps = maps;
    this.refused = refused;
    this.data = context.data;
    this.end = context.dataEnd;
  }

  List<Decision> decisions() {
    return decisions;
  }

  boolean reached() {
    return reached;
  }

  /** How the address of the refused access was computed, or null. */
  Node refusedBase() {
    return refusedBase;
  }

  /** The register that the refused access went through, without its offset. */
  long refusedAddress() {
    return refusedAddress;
  }

  /** Where the frame began. */
  long data() {
    return data;
  }

  @Override
  public void before(int index, long[] registers) {
    settle(index, registers);
    Instruction i = program.get(index);
    if (index == refused) {
      reached = true;
      boolean load = i.instructionClass() == LDX;
      int base = load ? i.src() : i.dst();
      refusedBase = i.isCall() ? null : nodes[base];
      refusedAddress = registers[base];
    }
    switch (i.instructionClass()) {
      case ALU, ALU64 -> alu(i, registers);
      case LD -> nodes[i.dst()] = null;
      case LDX -> nodes[i.dst()] = load(i, registers[i.src()] + i.offset());
      case ST -> stored.remove(registers[i.dst()] + i.offset());
      case STX -> store(i, registers);
      default -> jump(index, i, registers);
    }
  }

  /** What only the next step tells: which way a jump went, what a call returned. */
  private void settle(int index, long[] registers) {
    if (pendingDecision != null) {
      Decision d = pendingDecision;
      boolean jumped = index == d.index() + 1 + d.instruction().jumpOffset();
      if (decisions.size() < MOST_DECISIONS) {
        decisions.add(
            new Decision(
                d.index(),
                d.instruction(),
                jumped,
                d.left(),
                d.right(),
                d.leftValue(),
                d.rightValue()));
      }
      pendingDecision = null;
    }
    if (pendingLookup != null) {
      nodes[0] = new Node.Lookup(pendingLookup.place, pendingLookup.size, pendingKey);
      if (registers[0] != 0) {
        values.put(registers[0], pendingLookup);
      }
      pendingLookup = null;
    }
  }

  private void alu(Instruction i, long[] registers) {
    Node left = i.operation() == MOV ? null : number(nodes[i.dst()]);
    boolean unary = i.operation() == END || i.operation() == NEG;
    boolean usesSource = i.usesSource() && !unary;
    Node right = usesSource ? number(nodes[i.src()]) : null;
    long rightValue = usesSource ? registers[i.src()] : i.imm();
    if (i.operation() == MOV) {
      boolean plain = i.instructionClass() == ALU64 && i.offset() == 0;
      Node whole = usesSource ? nodes[i.src()] : null;
      nodes[i.dst()] =
          right == null || plain ? whole : operation(i, right, null, rightValue, rightValue);
    } else if (left == null && right == null) {
      nodes[i.dst()] = null;
    } else {
      nodes[i.dst()] = operation(i, left, right, registers[i.dst()], rightValue);
    }
  }

  /** What a lookup found is where it is: only whether it found anything can be changed. */
  private static Node number(Node node) {
    return node instanceof Node.Lookup ? null : node;
  }

  private static Node operation(Instruction i, Node left, Node right, long a, long b) {
    boolean is32 = i.instructionClass() == ALU;
    int depth = Math.max(Node.depth(left), Node.depth(right)) + 1;
    long rightValue = is32 && i.operation() != MOV ? b & 0xffffffffL : b;
    return new Node.Operation(i, left, right, a, rightValue, depth);
  }

  private Node load(Instruction i, long address) {
    boolean signed = i.mode() == MEMSX;
    int size = i.accessSize();
    if (address >= context.address && address < context.address + XdpContext.XDP_MD_SIZE) {
      return field((int) (address - context.address));
    }
    Stored known = stored.get(address);
    if (known != null) {
      return known.size == size && !signed ? known.node : null;
    }
    if (address >= data && address + size <= data + Input.MOST_BYTES) {
      return new Node.Bytes((int) (address - data), size, signed);
    }
    return value(address, size, signed);
  }

  private Node field(int offset) {
    return switch (offset) {
      case 4 -> new Node.End(data, context.dataEnd - end);
      case 12, 16 -> new Node.Field(offset);
      default -> null;
    };
  }

  private Node value(long address, int size, boolean signed) {
    for (Map.Entry<Long, Found> entry : values.entrySet()) {
      long offset = address - entry.getKey();
      if (offset >= 0 && offset + size <= entry.getValue().size) {
        return new Node.Value(entry.getValue().place, (int) offset, size, signed);
      }
    }
    return null;
  }

  private void store(Instruction i, long[] registers) {
    long address = registers[i.dst()] + i.offset();
    if (i.isAtomic()) {
      stored.put(address, new Stored(null, i.accessSize(), 0));
      nodes[i.src()] = (i.imm() & FETCH) != 0 ? null : nodes[i.src()];
      nodes[0] = i.imm() == CMPXCHG ? null : nodes[0];
    } else {
      stored.put(address, new Stored(nodes[i.src()], i.accessSize(), registers[i.src()]));
    }
  }

  private void jump(int index, Instruction i, long[] registers) {
    if (i.isConditionalJump()) {
      boolean source = i.usesSource() && !i.isMayGoto();
      pendingDecision =
          new Decision(
              index,
              i,
              false,
              i.isMayGoto() ? null : nodes[i.dst()],
              source ? nodes[i.src()] : null,
              registers[i.dst()],
              source ? registers[i.src()] : i.imm());
    } else if (i.isSubprogramCall()) {
      callers.push(nodes.clone());
    } else if (i.isExit()) {
      if (!callers.isEmpty()) {
        Node result = nodes[0];
        nodes = callers.pop();
        nodes[0] = result;
      }
    } else if (i.isCall()) {
      call(i, registers);
    }
  }

  private void call(Instruction i, long[] registers) {
    if (i.isHelperCall() && i.imm() == HelperSpec.MAP_LOOKUP_ELEM) {
      for (int m = 0; m < maps.size(); m++) {
        BpfMap map = maps.get(m);
        if (map != null && map.address() == registers[1]) {
          lookup(m, map, registers[2]);
        }
      }
    }
    Arrays.fill(nodes, 0, 6, null);
  }

  private void lookup(int index, BpfMap map, long keyAddress) {
    int size = map.spec().keySize();
    if (keyAddress < 0 || keyAddress > context.region.size() - size) {
      return;
    }
    byte[] key = new byte[size];
    for (int k = 0; k < size; k++) {
      key[k] = context.region.segment().get(Region.BYTE, keyAddress + k);
    }
    Stored whole = stored.get(keyAddress);
    pendingKey = whole != null && whole.size == size ? whole.node : null;
    pendingLookup = new Found(new Input.Place(index, ByteBuffer.wrap(key)), map.spec().valueSize());
  }
}
