package org.xdp4j.engine.capture;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Has libpcap compile tcpdump expressions (pcap-filter(7)) for Ethernet. Any thread may. */
public final class FilterCompiler {
  private static final int ETHERNET = 1;
  private static final int SNAPLEN = 262_144;
  private static final int UNKNOWN_NETMASK = -1;
  private static final int INSTRUCTION = 8;

  private FilterCompiler() {}

  /**
   * Compiles an expression; the empty one fits every frame.
   *
   * @throws FilterException saying what is wrong with it, or that there is no libpcap
   */
  public static PacketFilter compile(String expression) throws FilterException {
    if (expression.isBlank()) {
      return new PacketFilter("", new int[] {6}, new int[1], new int[1], new int[] {SNAPLEN});
    }
    Library library = Holder.LIBRARY;
    if (library == null) {
      throw new FilterException(
          "'" + expression + "' cannot be compiled: libpcap is not installed");
    }
    synchronized (library) { // Releases before 1.8 compile one expression at a time.
      return library.compile(expression);
    }
  }

  /** Whether there is a libpcap to compile with. */
  public static boolean isAvailable() {
    return Holder.LIBRARY != null;
  }

  private static final class Holder {
    static final Library LIBRARY = PcapLibrary.bound(Library::new);
  }

  /** The functions of libpcap that are needed. */
  private static final class Library {
    private final MethodHandle open;
    private final MethodHandle compile;
    private final MethodHandle error;
    private final MethodHandle free;
    private final MethodHandle close;

    Library(PcapLibrary library) {
      open = library.function("pcap_open_dead", ADDRESS, JAVA_INT, JAVA_INT);
      compile =
          library.function("pcap_compile", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT);
      error = library.function("pcap_geterr", ADDRESS, ADDRESS);
      free = library.function("pcap_freecode", null, ADDRESS);
      close = library.function("pcap_close", null, ADDRESS);
    }

    PacketFilter compile(String expression) throws FilterException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment pcap = (MemorySegment) open.invokeExact(ETHERNET, SNAPLEN);
        try {
          // struct bpf_program { u_int bf_len; struct bpf_insn *bf_insns; }
          MemorySegment program = arena.allocate(16, 8);
          MemorySegment text = arena.allocateFrom(expression);
          if ((int) compile.invokeExact(pcap, program, text, 1, UNKNOWN_NETMASK) != 0) {
            MemorySegment message = (MemorySegment) error.invokeExact(pcap);
            throw new FilterException("'" + expression + "': " + PcapLibrary.text(message));
          }
          PacketFilter filter = read(expression, program);
          free.invokeExact(program);
          return filter;
        } finally {
          close.invokeExact(pcap);
        }
      } catch (FilterException | RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("libpcap cannot be called", e);
      }
    }

    /** struct bpf_insn { u_short code; u_char jt; u_char jf; bpf_u_int32 k; } */
    private static PacketFilter read(String expression, MemorySegment program) {
      int count = program.get(ValueLayout.JAVA_INT, 0);
      MemorySegment all =
          program.get(ValueLayout.ADDRESS, 8).reinterpret((long) count * INSTRUCTION);
      int[] codes = new int[count];
      int[] ifTrue = new int[count];
      int[] ifFalse = new int[count];
      int[] constants = new int[count];
      for (int i = 0; i < count; i++) {
        long at = (long) i * INSTRUCTION;
        codes[i] = all.get(ValueLayout.JAVA_SHORT, at) & 0xffff;
        ifTrue[i] = all.get(ValueLayout.JAVA_BYTE, at + 2) & 0xff;
        ifFalse[i] = all.get(ValueLayout.JAVA_BYTE, at + 3) & 0xff;
        constants[i] = all.get(ValueLayout.JAVA_INT, at + 4);
      }
      return new PacketFilter(expression, codes, ifTrue, ifFalse, constants);
    }
  }
}
