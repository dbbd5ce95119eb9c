package org.xdp4j.bpf.helper;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * Dynamic pointers at run time: the 16 bytes of {@code struct bpf_dynptr}, which programs keep on
 * their stack but can neither read nor write.
 *
 * <pre>
 *  0          8                        12         16
 *   | memory   | size 24 | type | ro    | offset   |      memory: 0 when it points nowhere
 * </pre>
 *
 * That of a packet's dynptr is only a mark: the packet lies where the context says it does at the
 * time of each access.
 */
final class Dynptr {
  /** The most bytes one can point at (kernel: DYNPTR_MAX_SIZE). */
  static final int MAX_SIZE = (1 << 24) - 1;

  /** Memory of the program, or a record of a ring buffer. */
  static final int MEMORY = 1;

  /** The packet. */
  static final int PACKET = 2;

  private static final int TYPE_SHIFT = 28;
  private static final int TYPE_MASK = 7;
  private static final int READ_ONLY = 1 << 31;

  private static final int BYTES = 16;
  private static final int STATE = 8;
  private static final int OFFSET = 12;

  private final XdpContext context;
  private final MemorySegment memory;
  private final long address;

  private Dynptr(XdpContext context, long address) {
    this.context = context;
    this.memory = context.region.segment();
    this.address = address;
  }

  /** The one at {@code address}. */
  static Dynptr at(XdpContext context, long address) {
    return new Dynptr(context, address);
  }

  /** Makes it point at {@code size} bytes. */
  void set(int type, long data, int size) {
    memory.set(Region.LONG, address, data);
    memory.set(Region.INT, address + STATE, size | type << TYPE_SHIFT);
    memory.set(Region.INT, address + OFFSET, 0);
  }

  /** Makes it point nowhere. */
  void clear() {
    memory.asSlice(address, BYTES).fill((byte) 0);
  }

  /** Makes it point where {@code other} does. */
  void copyOf(Dynptr other) {
    MemorySegment.copy(memory, other.address, memory, address, BYTES);
  }

  long data() {
    return memory.get(Region.LONG, address);
  }

  boolean isNull() {
    return data() == 0;
  }

  boolean isReadOnly() {
    return (memory.get(Region.INT, address + STATE) & READ_ONLY) != 0;
  }

  boolean isPacket() {
    return (memory.get(Region.INT, address + STATE) >> TYPE_SHIFT & TYPE_MASK) == PACKET;
  }

  int size() {
    return memory.get(Region.INT, address + STATE) & MAX_SIZE;
  }

  /** Whether {@code length} bytes at {@code offset} lie within: 0 or -E2BIG. */
  int check(long offset, long length) {
    int size = size();
    return length > size || offset > size - length ? Errno.E2BIG : 0;
  }

  /** Leaves only the bytes from {@code start} to {@code end}: 0, -EINVAL or -ERANGE. */
  int adjust(long start, long end) {
    if (isNull() || start > end) {
      return Errno.EINVAL;
    }
    int size = size();
    if (start > size || end > size) {
      return Errno.ERANGE;
    }
    int offset = memory.get(Region.INT, address + OFFSET);
    memory.set(Region.INT, address + OFFSET, offset + (int) start);
    int flags = memory.get(Region.INT, address + STATE) & ~MAX_SIZE;
    memory.set(Region.INT, address + STATE, flags | (int) (end - start));
    return 0;
  }

  /** Its bytes' place in what it points at: {@code offset} as seen from the start of that. */
  private long whole(long offset) {
    return Integer.toUnsignedLong(memory.get(Region.INT, address + OFFSET)) + offset;
  }

  /**
   * Where the {@code length} bytes at {@code offset}, which were {@link #check}ed, lie; 0 when the
   * packet has become shorter than that, they are too far into it, or lie in several buffers.
   */
  long place(long offset, long length) {
    if (!isPacket()) {
      return data() + whole(offset);
    }
    return PacketBytes.place(context, whole(offset), length);
  }

  /** Why checked bytes cannot be copied, which only those of a packet can be too far for. */
  int refusal(long offset, long length) {
    return isPacket() ? PacketBytes.refusal(context, whole(offset), length) : 0;
  }

  /** Copies checked bytes to {@code to}; of a packet, those that it still has. */
  void read(long offset, long to, long length) {
    if (isPacket()) {
      PacketBytes.readSome(context, whole(offset), to, length);
    } else {
      MemorySegment.copy(memory, data() + whole(offset), memory, to, length);
    }
  }

  /** Copies to checked bytes, of which there is no {@link #refusal}, from {@code from}. */
  void write(long offset, long from, long length) {
    if (isPacket()) {
      PacketBytes.write(context, whole(offset), from, length);
    } else {
      MemorySegment.copy(memory, from, memory, data() + whole(offset), length);
    }
  }
}
