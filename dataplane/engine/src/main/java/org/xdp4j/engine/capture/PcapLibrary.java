package org.xdp4j.engine.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.function.Function;

/**
 * The system's libpcap (pcap(3PCAP)), looked up once. Who uses it binds the functions it needs, as
 * each binding takes time at start.
 */
public final class PcapLibrary {
  private static final List<String> NAMES =
      List.of(
          "libpcap.so.0.8",
          "libpcap.so.1",
          "libpcap.so",
          "libpcap.dylib",
          "/usr/lib/libpcap.A.dylib");
  private static final int MAX_TEXT = 4096;

  private final SymbolLookup symbols;

  private PcapLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  private static final class Holder {
    static final PcapLibrary LIBRARY = find();

    private static PcapLibrary find() {
      for (String name : NAMES) {
        try {
          return new PcapLibrary(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException
            | IllegalCallerException
            | UnsupportedOperationException e) {
          // The next name, then.
        }
      }
      return null;
    }
  }

  /**
   * What {@code binding} makes of the library; null where there is none, or one that is too old to
   * have all that is bound.
   */
  public static <T> T bound(Function<PcapLibrary, T> binding) {
    if (Holder.LIBRARY == null) {
      return null;
    }
    try {
      return binding.apply(Holder.LIBRARY);
    } catch (IllegalArgumentException old) {
      return null;
    }
  }

  /**
   * Binds a function.
   *
   * @param result null for {@code void}
   * @throws IllegalArgumentException when the library is too old to have it
   */
  public MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor shape =
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters);
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(() -> new IllegalArgumentException("this libpcap has no " + name));
    return Linker.nativeLinker().downcallHandle(address, shape);
  }

  /** The text at an address that a function gave back. */
  public static String text(MemorySegment at) {
    return at.address() == 0 ? "" : at.reinterpret(MAX_TEXT).getString(0);
  }
}
