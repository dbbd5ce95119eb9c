package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.verifier.MemoryKind;

/**
 * Loads and stores (RFC 9669 section 5). Each is one access through the region's segment, whose
 * bounds the JVM checks; those to the context become accesses to its fields.
 */
final class MemoryEmitter {
  private final Body body;
  private final CodeBuilder cb;

  MemoryEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  void emit(int at) {
    Instruction insn = body.code.at(at);
    int mode = insn.opcode() & 0xe0;
    if (Effects.isAtomic(insn)) {
      new AtomicEmitter(body).emit(at);
    } else if (mode != Opcode.MEM && (mode != Opcode.MEMSX || insn.instructionClass() != Opcode.LDX)
        || mode == Opcode.MEMSX && size(insn) == Opcode.DW) {
      throw body.code.unknown(at);
    } else if (insn.instructionClass() == Opcode.LDX) {
      load(at, insn, mode == Opcode.MEMSX);
    } else {
      store(at, insn);
    }
  }

  private void load(int at, Instruction insn, boolean signed) {
    if (body.code.isContextAccess(at)) {
      loadContext(at, insn, signed);
      return;
    }
    if (body.code.kind(at) == MemoryKind.ARENA) {
      new ArenaEmitter(body).load(at, insn, signed);
      return;
    }
    int local = body.words.localAccess(at);
    if (local != 0) {
      body.stack.load(local, bytes(insn), signed);
      body.put(insn.dst());
      return;
    }
    if (body.code.kind(at) == MemoryKind.PROBED) {
      probe(insn, signed);
      return;
    }
    long constant = body.pointers.constantAt(at, insn.src());
    if (constant >= 0) {
      pushConstant(constant + insn.offset(), insn);
    } else {
      address(insn, insn.src(), insn.offset());
      get(insn);
    }
    extend(size(insn), signed);
    body.put(insn.dst());
  }

  /** A load that gives 0 where nothing is. */
  void probe(Instruction insn, boolean signed) {
    cb.aload(body.locals.context());
    address(insn.src(), insn.offset());
    cb.loadConstant(bytes(insn));
    cb.invokestatic(
        Descs.SUPPORT,
        "probe",
        MethodTypeDesc.of(Descs.LONG, Descs.CONTEXT, Descs.LONG, Descs.INT));
    if (signed) {
      cb.l2i();
      switch (size(insn)) {
        case Opcode.B -> cb.i2b();
        case Opcode.H -> cb.i2s();
        default -> {
          // An int as it is.
        }
      }
      cb.i2l();
    }
    body.put(insn.dst());
  }

  /** Pushes what is loaded, as it will always be there. */
  private void pushConstant(long address, Instruction insn) {
    MemorySegment memory = body.code.region().segment();
    switch (size(insn)) {
      case Opcode.B -> cb.loadConstant((int) memory.get(Region.BYTE, address));
      case Opcode.H -> cb.loadConstant((int) memory.get(Region.SHORT, address));
      case Opcode.W -> body.push(memory.get(Region.INT, address));
      default -> body.push(memory.get(Region.LONG, address));
    }
  }

  /** Does what a run of loads and stores does. */
  void copy(Copies.Run run) {
    int done = 0;
    while (done < run.size()) {
      int size = Math.min(8, Integer.highestOneBit(run.size() - done));
      Instruction access = new Instruction(Opcode.LDX | Opcode.MEM | sizeOf(size), 0, 0, 0, 0);
      address(access, run.destination(), run.to() + done);
      address(access, run.source(), run.from() + done);
      get(access);
      set(access);
      done += size;
    }
    if (run.last() >= 0) {
      load(run.last(), body.code.at(run.last()), false);
    }
  }

  /** Does what a run of stores of known numbers does. */
  void fill(Fills.Run run) {
    for (Fills.Piece piece : run.pieces()) {
      Instruction access =
          new Instruction(Opcode.ST | Opcode.MEM | sizeOf(piece.size()), 0, 0, 0, 0);
      address(access, run.register(), piece.offset());
      known(access, piece.value());
      set(access);
    }
  }

  private static int sizeOf(int bytes) {
    return switch (bytes) {
      case 1 -> Opcode.B;
      case 2 -> Opcode.H;
      case 4 -> Opcode.W;
      default -> Opcode.DW;
    };
  }

  /** Pushes what an access needs: handle, segment, address. */
  private void address(Instruction insn, int register, int offset) {
    handle(insn);
    body.pushSegment();
    address(register, offset);
  }

  private void get(Instruction insn) {
    cb.invokevirtual(
        ConstantDescs.CD_VarHandle,
        "get",
        MethodTypeDesc.of(type(insn), Descs.SEGMENT, Descs.LONG));
  }

  private void set(Instruction insn) {
    cb.invokevirtual(
        ConstantDescs.CD_VarHandle,
        "set",
        MethodTypeDesc.of(Descs.VOID, Descs.SEGMENT, Descs.LONG, type(insn)));
  }

  private void extend(int size, boolean signed) {
    if (size == Opcode.DW) {
      return;
    }
    if (signed || size == Opcode.W) {
      cb.i2l();
      if (!signed) {
        body.push(0xffff_ffffL);
        cb.land();
      }
    } else {
      cb.loadConstant(size == Opcode.B ? 0xff : 0xffff).iand().i2l();
    }
  }

  private void store(int at, Instruction insn) {
    if (body.code.isContextAccess(at)) {
      throw CompileException.at(at, "writes to the context");
    }
    if (body.code.kind(at) == MemoryKind.ARENA) {
      new ArenaEmitter(body).store(at, insn);
      return;
    }
    int local = body.words.localAccess(at);
    if (local != 0) {
      body.stack.store(local, insn);
      return;
    }
    address(insn, insn.dst(), insn.offset());
    value(insn);
    set(insn);
  }

  private void value(Instruction insn) {
    if (insn.instructionClass() == Opcode.ST) {
      known(insn, insn.imm());
      return;
    }
    int size = size(insn);
    body.get(insn.src());
    if (size != Opcode.DW) {
      cb.l2i();
    }
    if (size == Opcode.B) {
      cb.i2b();
    } else if (size == Opcode.H) {
      cb.i2s();
    }
  }

  private void known(Instruction insn, long value) {
    switch (size(insn)) {
      case Opcode.B -> cb.loadConstant((int) (byte) value);
      case Opcode.H -> cb.loadConstant((int) (short) value);
      case Opcode.W -> body.push((int) value);
      default -> body.push(value);
    }
  }

  private void address(int register, int offset) {
    body.get(register);
    if (offset != 0) {
      body.push((long) offset);
      cb.ladd();
    }
  }

  /**
   * Linux allows whole 32-bit loads, of which those of the three pointers give 64 bits, and of the
   * others narrower ones do no harm.
   */
  private void loadContext(int at, Instruction insn, boolean signed) {
    int offset = body.code.contextOffset(at);
    int bytes = bytes(insn);
    boolean pointer = offset < ContextFields.POINTERS_END;
    if (offset < 0
        || offset + bytes > org.xdp4j.bpf.context.XdpContext.XDP_MD_SIZE
        || offset % bytes != 0
        || bytes > 4
        || pointer && (bytes != 4 || signed)) {
      throw CompileException.at(
          at, "loads " + bytes + " bytes at offset " + offset + " of the context");
    }
    if (pointer) {
      cb.lload(body.locals.packetPointer(offset));
    } else {
      cb.aload(body.locals.context());
      cb.getfield(Descs.CONTEXT, ContextFields.name(offset), Descs.INT);
      narrow(offset % 4, bytes, signed);
    }
    body.put(insn.dst());
  }

  private void narrow(int skipped, int bytes, boolean signed) {
    if (skipped != 0) {
      cb.loadConstant(skipped * 8).iushr();
    }
    if (bytes == 4) {
      extend(Opcode.W, signed);
    } else if (signed) {
      (bytes == 1 ? cb.i2b() : cb.i2s()).i2l();
    } else {
      cb.loadConstant(bytes == 1 ? 0xff : 0xffff).iand().i2l();
    }
  }

  /** A constant handle is faster than a layout until the method is compiled by C2. */
  private void handle(Instruction insn) {
    String name =
        switch (size(insn)) {
          case Opcode.B -> "BYTE_AT";
          case Opcode.H -> "SHORT_AT";
          case Opcode.W -> "INT_AT";
          default -> "LONG_AT";
        };
    cb.getstatic(Descs.REGION, name, ConstantDescs.CD_VarHandle);
  }

  private static int size(Instruction insn) {
    return insn.opcode() & 0x18;
  }

  /** Bytes that a load or store moves. */
  static int bytes(Instruction insn) {
    return switch (size(insn)) {
      case Opcode.B -> 1;
      case Opcode.H -> 2;
      case Opcode.W -> 4;
      default -> 8;
    };
  }

  private static ClassDesc type(Instruction insn) {
    return switch (size(insn)) {
      case Opcode.B -> ConstantDescs.CD_byte;
      case Opcode.H -> ConstantDescs.CD_short;
      case Opcode.W -> Descs.INT;
      default -> Descs.LONG;
    };
  }
}
