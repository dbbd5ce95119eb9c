package org.xdp4j.engine.port.pcap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;
import org.xdp4j.engine.capture.PcapLibrary;

/** The functions of libpcap that a port needs (pcap(3PCAP)). Handles are addresses. */
final class Libpcap {
  static final int ERROR_BUFFER = 256;

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

  private Libpcap(PcapLibrary library) {
    create = library.function("pcap_create", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    setSnaplen = library.function("pcap_set_snaplen", JAVA_INT, JAVA_LONG, JAVA_INT);
    setPromisc = library.function("pcap_set_promisc", JAVA_INT, JAVA_LONG, JAVA_INT);
    setTimeout = library.function("pcap_set_timeout", JAVA_INT, JAVA_LONG, JAVA_INT);
    setBufferSize = library.function("pcap_set_buffer_size", JAVA_INT, JAVA_LONG, JAVA_INT);
    activate = library.function("pcap_activate", JAVA_INT, JAVA_LONG);
    setNonblock = library.function("pcap_setnonblock", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    setDirection = library.function("pcap_setdirection", JAVA_INT, JAVA_LONG, JAVA_INT);
    compile =
        library.function(
            "pcap_compile", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    setFilter = library.function("pcap_setfilter", JAVA_INT, JAVA_LONG, JAVA_LONG);
    freeCode = library.function("pcap_freecode", null, JAVA_LONG);
    nextEx = library.function("pcap_next_ex", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    inject = library.function("pcap_inject", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    stats = library.function("pcap_stats", JAVA_INT, JAVA_LONG, JAVA_LONG);
    geterr = library.function("pcap_geterr", ADDRESS, JAVA_LONG);
    statusText = library.function("pcap_statustostr", ADDRESS, JAVA_INT);
    descriptor = library.function("pcap_get_selectable_fd", JAVA_INT, JAVA_LONG);
    datalink = library.function("pcap_datalink", JAVA_INT, JAVA_LONG);
    close = library.function("pcap_close", null, JAVA_LONG);
  }

  private static Libpcap find() {
    return PcapLibrary.bound(Libpcap::new);
  }

  /** The library, or null where there is none, or one too old. */
  static Libpcap get() {
    return Holder.LIBRARY;
  }
}
