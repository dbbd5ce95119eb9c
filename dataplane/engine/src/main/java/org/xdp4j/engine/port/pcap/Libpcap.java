package org.xdp4j.engine.port.pcap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The functions of libpcap that a port needs (pcap(3PCAP)). Handles are addresses. */
final class Libpcap {
  static final int ERROR_BUFFER = 256;
  private static final String[] NAMES = {
    "libpcap.so.1", "libpcap.so.0.8", "libpcap.so", "libpcap.dylib", "/usr/lib/libpcap.A.dylib"
  };

  final MethodHandle create;
  final MethodHandle setSnaplen;
  final MethodHandle setPromisc;
  final MethodHandle setTimeout;
  final MethodHandle setBufferSize;
  final MethodHandle activate;
  final MethodHandle setNonblock;
  final MethodHandle setDirection;
  final MethodHandle compile;
  final MethodHandle setFilter;
  final MethodHandle freeCode;
  final MethodHandle nextEx;
  final MethodHandle inject;
  final MethodHandle stats;
  final MethodHandle geterr;
  final MethodHandle statusText;
  final MethodHandle descriptor;
  final MethodHandle datalink;
  final MethodHandle close;

  private static final class Holder {
    static final Libpcap LIBRARY = find();
  }

  private Libpcap(SymbolLookup library) {
    create = call(library, "pcap_create", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    setSnaplen = call(library, "pcap_set_snaplen", JAVA_INT, JAVA_LONG, JAVA_INT);
    setPromisc = call(library, "pcap_set_promisc", JAVA_INT, JAVA_LONG, JAVA_INT);
    setTimeout = call(library, "pcap_set_timeout", JAVA_INT, JAVA_LONG, JAVA_INT);
    setBufferSize = call(library, "pcap_set_buffer_size", JAVA_INT, JAVA_LONG, JAVA_INT);
    activate = call(library, "pcap_activate", JAVA_INT, JAVA_LONG);
    setNonblock = call(library, "pcap_setnonblock", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    setDirection = call(library, "pcap_setdirection", JAVA_INT, JAVA_LONG, JAVA_INT);
    compile =
        call(
            library, "pcap_compile", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    setFilter = call(library, "pcap_setfilter", JAVA_INT, JAVA_LONG, JAVA_LONG);
    freeCode = call(library, "pcap_freecode", null, JAVA_LONG);
    nextEx = call(library, "pcap_next_ex", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    inject = call(library, "pcap_inject", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    stats = call(library, "pcap_stats", JAVA_INT, JAVA_LONG, JAVA_LONG);
    geterr = call(library, "pcap_geterr", ADDRESS, JAVA_LONG);
    statusText = call(library, "pcap_statustostr", ADDRESS, JAVA_INT);
    descriptor = call(library, "pcap_get_selectable_fd", JAVA_INT, JAVA_LONG);
    datalink = call(library, "pcap_datalink", JAVA_INT, JAVA_LONG);
    close = call(library, "pcap_close", null, JAVA_LONG);
  }

  private static MethodHandle call(
      SymbolLookup library, String name, MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor shape =
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters);
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), shape);
  }

  private static Libpcap find() {
    for (String name : NAMES) {
      try {
        return new Libpcap(SymbolLookup.libraryLookup(name, Arena.global()));
      } catch (IllegalArgumentException e) {
        continue; // not here by this name
      }
    }
    return null;
  }

  /** The library, or null where there is none. */
  static Libpcap get() {
    return Holder.LIBRARY;
  }

  /** The text at an address. */
  static String text(MemorySegment at) {
    return at.address() == 0 ? "" : at.reinterpret(ERROR_BUFFER * 4L).getString(0);
  }
}
