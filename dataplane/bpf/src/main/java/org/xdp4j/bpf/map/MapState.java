package org.xdp4j.bpf.map;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How full a map is whose contents user space cannot list: rings, sets, events and arenas.
 *
 * @param text the same for people
 * @param figures by name, in order
 */
public record MapState(String text, Map<String, Long> figures) {
  /** Of a map of one of these types; what others hold is in their entries. */
  public static Optional<MapState> of(BpfMap map) {
    return switch (map) {
      case RingMap ring ->
          state("%,d of %,d bytes not read yet", "unread", ring.unread(), "bytes", ring.mask + 1);
      case BloomFilterMap set ->
          state("%,d of %,d bits set", "bitsSet", set.bitsSet(), "bits", set.bits());
      case PerfEventArrayMap events ->
          state(
              "%,d of %,d buffers open",
              "open", events.buffers(), "buffers", Integer.toUnsignedLong(events.maxEntries));
      case ArenaMap arena ->
          state(
              "%,d of %,d pages in use",
              "pages", arena.pagesInUse(), "mostPages", Integer.toUnsignedLong(arena.maxEntries));
      default -> Optional.empty();
    };
  }

  private static Optional<MapState> state(
      String text, String name, long value, String mostName, long most) {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put(name, value);
    figures.put(mostName, most);
    return Optional.of(new MapState(String.format(Locale.ROOT, text, value, most), figures));
  }
}
