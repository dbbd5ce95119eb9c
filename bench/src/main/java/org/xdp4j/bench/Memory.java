package org.xdp4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Little-endian memory that {@link ParseAndCount} works on, by one of the ways the JVM offers. Each
 * is the only one loaded in its run, so every call is inlined.
 */
interface Memory {
  int u8(long address);

  int u16(long address);

  long load(long address);

  void store(long address, long value);

  void storeByte(long address, int value);

  /** The memory named {@code kind}, {@code bytes} large. */
  static Memory of(String kind, int bytes) throws ReflectiveOperationException {
    return switch (kind) {
      case "segment-shared" -> new Segment(Arena.ofShared().allocate(bytes, 4096));
      case "segment-confined" -> new Segment(Arena.ofConfined().allocate(bytes, 4096));
      case "segment-auto" -> new Segment(Arena.ofAuto().allocate(bytes, 4096));
      case "segment-global" -> new Segment(Arena.global().allocate(bytes, 4096));
      case "segment-unbounded" -> new Offset(Arena.global().allocate(bytes, 4096).address());
      case "byte-buffer" ->
          new Buffer(ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN));
      case "byte-array" -> new Heap(new byte[bytes]);
      case "unsafe" -> new Raw(Arena.global().allocate(bytes, 4096).address());
      default -> throw new IllegalArgumentException("no memory is called " + kind);
    };
  }

  ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What the project uses: bounds and life checked at every access. */
  record Segment(MemorySegment segment) implements Memory {
    @Override
    public int u8(long address) {
      return segment.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    @Override
    public int u16(long address) {
      return segment.get(SHORT, address) & 0xffff;
    }

    @Override
    public long load(long address) {
      return segment.get(LONG, address);
    }

    @Override
    public void store(long address, long value) {
      segment.set(LONG, address, value);
    }

    @Override
    public void storeByte(long address, int value) {
      segment.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }
  }

  /** The NULL segment without bounds: a wild pointer ends the JVM. */
  record Offset(long base) implements Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    @Override
    public int u8(long address) {
      return ALL.get(ValueLayout.JAVA_BYTE, base + address) & 0xff;
    }

    @Override
    public int u16(long address) {
      return ALL.get(SHORT, base + address) & 0xffff;
    }

    @Override
    public long load(long address) {
      return ALL.get(LONG, base + address);
    }

    @Override
    public void store(long address, long value) {
      ALL.set(LONG, base + address, value);
    }

    @Override
    public void storeByte(long address, int value) {
      ALL.set(ValueLayout.JAVA_BYTE, base + address, (byte) value);
    }
  }

  /** At most 2 GiB. */
  record Buffer(ByteBuffer buffer) implements Memory {
    @Override
    public int u8(long address) {
      return buffer.get((int) address) & 0xff;
    }

    @Override
    public int u16(long address) {
      return buffer.getShort((int) address) & 0xffff;
    }

    @Override
    public long load(long address) {
      return buffer.getLong((int) address);
    }

    @Override
    public void store(long address, long value) {
      buffer.putLong((int) address, value);
    }

    @Override
    public void storeByte(long address, int value) {
      buffer.put((int) address, (byte) value);
    }
  }

  /** At most 2 GiB, and no system call can be given it. */
  record Heap(byte[] array) implements Memory {
    private static final VarHandle SHORTS =
        MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Override
    public int u8(long address) {
      return array[(int) address] & 0xff;
    }

    @Override
    public int u16(long address) {
      return (short) SHORTS.get(array, (int) address) & 0xffff;
    }

    @Override
    public long load(long address) {
      return (long) LONGS.get(array, (int) address);
    }

    @Override
    public void store(long address, long value) {
      LONGS.set(array, (int) address, value);
    }

    @Override
    public void storeByte(long address, int value) {
      array[(int) address] = (byte) value;
    }
  }

  /**
   * {@code sun.misc.Unsafe}, for reference only: deprecated for removal, and nothing is checked.
   */
  record Raw(long base) implements Memory {
    private static final MethodHandle GET_BYTE = handle("getByte", byte.class);
    private static final MethodHandle GET_SHORT = handle("getShort", short.class);
    private static final MethodHandle GET_LONG = handle("getLong", long.class);
    private static final MethodHandle PUT_LONG = handle("putLong", void.class, long.class);
    private static final MethodHandle PUT_BYTE = handle("putByte", void.class, byte.class);

    private static MethodHandle handle(String name, Class<?> result, Class<?>... value) {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        MethodType signature =
            MethodType.methodType(result, long.class).appendParameterTypes(value);
        return MethodHandles.lookup().findVirtual(type, name, signature).bindTo(field.get(null));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @Override
    public int u8(long address) {
      try {
        return (byte) GET_BYTE.invokeExact(base + address) & 0xff;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public int u16(long address) {
      try {
        return (short) GET_SHORT.invokeExact(base + address) & 0xffff;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public long load(long address) {
      try {
        return (long) GET_LONG.invokeExact(base + address);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void store(long address, long value) {
      try {
        PUT_LONG.invokeExact(base + address, value);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void storeByte(long address, int value) {
      try {
        PUT_BYTE.invokeExact(base + address, (byte) value);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
