package org.xdp4j.bpf.compiler;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.HashLayout;
import org.xdp4j.bpf.map.LpmPathReader;
import org.xdp4j.bpf.map.LpmReader;
import org.xdp4j.bpf.memory.Region;

/** The classes and signatures that generated code names. */
final class Descs {
  static final ClassDesc PROGRAM = ClassDesc.of(Descs.class.getPackageName(), "Program");
  static final ClassDesc BASE = of(CompiledProgram.class);
  static final ClassDesc CONTEXT = of(XdpContext.class);
  static final ClassDesc SUBPROGRAMS = of(Subprograms.class);
  static final ClassDesc BATCH = of(XdpBatch.class);
  static final ClassDesc EXECUTABLE = of(Executable.class);
  static final ClassDesc MAP = of(BpfMap.class);
  static final ClassDesc HASH_LAYOUT = of(HashLayout.class);
  static final ClassDesc LPM_PATH_READER = of(LpmPathReader.class);
  static final ClassDesc LPM_READER = of(LpmReader.class);
  static final ClassDesc OBJECTS = of(Objects.class);
  static final ClassDesc REGION = of(Region.class);
  static final ClassDesc SEGMENT = of(MemorySegment.class);
  static final ClassDesc SUPPORT = of(Support.class);
  static final ClassDesc ARITHMETIC = of(Arithmetic.class);
  static final ClassDesc ATOMICS = of(Atomics.class);
  static final ClassDesc BYTE_LAYOUT = of(ValueLayout.OfByte.class);
  static final ClassDesc SHORT_LAYOUT = of(ValueLayout.OfShort.class);
  static final ClassDesc INT_LAYOUT = of(ValueLayout.OfInt.class);
  static final ClassDesc LONG_LAYOUT = of(ValueLayout.OfLong.class);
  static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();

  static final ClassDesc LONG = ConstantDescs.CD_long;
  static final ClassDesc INT = ConstantDescs.CD_int;
  static final ClassDesc VOID = ConstantDescs.CD_void;

  /** A function of the program: context, r1 to r5, r10; r0. */
  static final MethodTypeDesc FUNCTION =
      MethodTypeDesc.of(LONG, CONTEXT, LONG, LONG, LONG, LONG, LONG, LONG);

  /** A part of a large function: context, r10, entry; the next entry, -1 at the end. */
  static final MethodTypeDesc CHUNK = MethodTypeDesc.of(INT, CONTEXT, LONG, INT);

  /** A helper: context, r1 to r5; r0. */
  static final MethodTypeDesc HELPER =
      MethodTypeDesc.of(LONG, CONTEXT, LONG, LONG, LONG, LONG, LONG);

  /** {@link Subprograms#call}: context, function, r1 to r5, r10; r0. */
  static final MethodTypeDesc CALLBACK =
      MethodTypeDesc.of(LONG, CONTEXT, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

  /** {@code Long.compareUnsigned}. */
  static final MethodTypeDesc COMPARE = MethodTypeDesc.of(INT, LONG, LONG);

  /** {@link CompiledProgram#call}. */
  static final MethodTypeDesc CALL = MethodTypeDesc.of(LONG, CONTEXT, LONG, LONG, LONG);

  private Descs() {}

  static ClassDesc of(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
