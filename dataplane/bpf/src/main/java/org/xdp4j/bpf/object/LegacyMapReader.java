package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/**
 * Reads {@code maps} sections, which libbpf 1.x no longer loads: every variable in them is a map.
 * All loaders agree on the first five words and differ behind them, so the size tells whose it is.
 *
 * <pre>
 *  0    4        8          12          16    20         24
 *  +----+--------+----------+-----------+-----+                    libbpf, 20 bytes
 *  |type|key_size|value_size|max_entries|flags|
 *  +----+--------+----------+-----------+-----+---------+---------+
 *                                             |inner_idx|numa_node|        samples/bpf, 28 bytes
 *                                             +---------+---------+--------+---------+
 *                                             |id       |pinning  |inner_id|inner_idx|  iproute2, 36
 *                                             +---------+---------+--------+---------+
 *                                             |         |inner_map_def     |path     |  goebpf, 40
 *                                             +---------+---------+--------+---------+
 *                                             |id       |pinning  |                    aya, 28
 *                                             +---------+---------+
 * </pre>
 *
 * <p>Of the two with 28 bytes it is that of samples/bpf when the map is a map-in-map or is to be of
 * a NUMA node, which aya's never says: without BPF_F_NUMA_NODE that word means nothing there.
 *
 * <p>The last two are pointers of 8 bytes, relocated: to the definition of the inner maps, and to
 * where the map is to be pinned, which is for whoever loads it.
 */
final class LegacyMapReader {
  private static final int SHORTEST = 16;
  private static final int LIBBPF = 20;
  private static final int SAMPLES = 28;
  private static final int IPROUTE2 = 36;
  private static final int GOEBPF = 40;

  /** Where a definition of goebpf has {@code inner_map_def}. */
  private static final int INNER_DEFINITION = 24;

  // PIN_* of iproute2's bpf_elf.h. Other numbers are names in a file of its own, without which they
  // mean no pin.
  private static final int IPROUTE2_OBJECT_NS = 1;
  private static final int IPROUTE2_GLOBAL_NS = 2;

  /** {@code PinningType::ByName} of aya-obj. */
  private static final int AYA_BY_NAME = 1;

  /** Maps of an object at the most, for iproute2 (ELF_MAX_MAPS). */
  private static final int IPROUTE2_MAPS = 64;

  /** Its slot of a map that belongs to a map-in-map, and is in none of its slots at first. */
  private static final int IPROUTE2_NO_SLOT = -1;

  private final ElfSection section;
  private final List<ElfSymbol> symbols;
  private final List<ElfRelocation> relocations;
  private final TailSections tails;
  private final List<MapSpecBuilder> maps = new ArrayList<>();

  private LegacyMapReader(
      ElfSection section,
      List<ElfSymbol> symbols,
      List<ElfRelocation> relocations,
      TailSections tails) {
    this.section = section;
    this.symbols = symbols;
    this.relocations = relocations;
    this.tails = tails;
  }

  /** Adds the maps of all {@code maps} sections to {@code table}. */
  static void read(ElfFile elf, MapTable table) {
    Map<Integer, List<ElfSymbol>> symbols = new HashMap<>();
    for (ElfSymbol symbol : elf.symbols()) {
      if (symbol.isVariable() && !symbol.name().isEmpty()) {
        symbols.computeIfAbsent(symbol.section(), s -> new ArrayList<>()).add(symbol);
      }
    }
    TailSections tails = TailSections.of(elf);
    for (ElfSection section : elf.sections()) {
      if (isMaps(section) && symbols.containsKey(section.index())) {
        List<ElfSymbol> own = symbols.get(section.index());
        own.sort(Comparator.comparingLong(ElfSymbol::value));
        new LegacyMapReader(section, own, elf.relocations(section), tails).read(table);
      }
    }
  }

  /** Whether it is such a section. */
  static boolean isMaps(ElfSection section) {
    boolean named = section.name().equals("maps") || section.name().startsWith("maps/");
    return named && section.type() == ElfSection.PROGBITS && !section.isCode();
  }

  private void read(MapTable table) {
    Map<Integer, List<Integer>> byId = new HashMap<>();
    List<int[]> words = new ArrayList<>();
    for (int i = 0; i < symbols.size(); i++) {
      MapSpecBuilder map = new MapSpecBuilder(symbols.get(i).name());
      maps.add(map);
      words.add(words(i));
      readCommon(map, words.getLast(), symbols.get(i).value());
      if (words.getLast().length * Integer.BYTES == IPROUTE2 && !isOuter(map)) {
        byId.computeIfAbsent(words.getLast()[5], id -> new ArrayList<>()).add(i);
      }
    }
    for (int i = 0; i < symbols.size(); i++) {
      switch (words.get(i).length * Integer.BYTES) {
        case SAMPLES -> readSamplesOrAya(maps.get(i), words.get(i));
        case IPROUTE2 -> readIproute2(i, words, byId);
        default -> {}
      }
    }
    readGoebpf(words);
    for (int i = 0; i < symbols.size(); i++) {
      table.add(new PlacedMap(maps.get(i).build(), section.index(), symbols.get(i).value()));
    }
  }

  /** The definition's words; a symbol without size reaches to the next one. */
  private int[] words(int i) {
    ElfSymbol symbol = symbols.get(i);
    ByteBuffer bytes = section.bytes();
    long size = symbol.size();
    if (size == 0) {
      long end = i + 1 < symbols.size() ? symbols.get(i + 1).value() : bytes.limit();
      size = end - symbol.value();
    }
    int[] words = new int[(int) Math.min(size, GOEBPF + Integer.BYTES) / Integer.BYTES];
    for (int w = 0; w < words.length; w++) {
      words[w] = bytes.getInt((int) symbol.value() + w * Integer.BYTES);
    }
    return words;
  }

  private void readCommon(MapSpecBuilder map, int[] words, long offset) {
    if (words.length * Integer.BYTES < SHORTEST) {
      map.fail(
          "%s: map '%s' is a definition of %d bytes, and %d are needed"
              .formatted(
                  Place.of(section, offset), map.name, words.length * Integer.BYTES, LIBBPF));
      return;
    }
    map.typeId = words[0];
    map.keySize = words[1];
    map.valueSize = words[2];
    map.maxEntries = words[3];
    map.flags = words.length > 4 ? words[4] : 0;
  }

  /** {@code inner_map_idx} counts the maps of the section. */
  private void readSamplesOrAya(MapSpecBuilder map, int[] words) {
    if (!isOuter(map) && (map.flags & MapSpec.F_NUMA_NODE) == 0) {
      map.pinning = words[6] == AYA_BY_NAME ? MapSpec.PIN_BY_NAME : MapSpec.PIN_NONE;
      return;
    }
    map.numaNode = words[6];
    if (isOuter(map) && words[5] >= 0 && words[5] < maps.size()) {
      map.inner = innerOf(maps.get(words[5]));
    }
  }

  /**
   * A map-in-map names its inner maps' {@code id}; these name their slot in it. Programs that are
   * to stand in a program array name its {@code id} and their slot by their section.
   */
  private void readIproute2(int index, List<int[]> words, Map<Integer, List<Integer>> byId) {
    MapSpecBuilder map = maps.get(index);
    int[] own = words.get(index);
    map.pinning =
        switch (own[6]) {
          case IPROUTE2_OBJECT_NS -> MapSpec.PIN_BY_OBJECT;
          case IPROUTE2_GLOBAL_NS -> MapSpec.PIN_BY_NAME;
          default -> MapSpec.PIN_NONE;
        };
    if (map.typeId == MapType.PROG_ARRAY.id()) {
      map.slots.addAll(tails.take(own[5]));
    }
    if (!isOuter(map) || own[7] == 0) {
      return;
    }
    // Where there are more maps than iproute2 takes, each inner map belongs to the first map-in-map
    // that names its id only: so forged definitions cannot list the same maps over and over.
    List<Integer> inners = words.size() <= IPROUTE2_MAPS ? byId.get(own[7]) : byId.remove(own[7]);
    if (inners == null) {
      map.fail(
          "%s: map '%s' has no inner map with id %d"
              .formatted(Place.of(section, symbols.get(index).value()), map.name, own[7]));
      return;
    }
    map.inner = maps.get(inners.getFirst()).build();
    for (int inner : inners) {
      if (words.get(inner)[8] != IPROUTE2_NO_SLOT) {
        map.slots.add(new MapSpec.Slot(words.get(inner)[8], maps.get(inner).name));
      }
    }
  }

  /** Maps-in-maps point at the definition of their inner maps. */
  private void readGoebpf(List<int[]> words) {
    Map<Long, Integer> byPlace = new HashMap<>();
    for (int i = 0; i < symbols.size(); i++) {
      byPlace.putIfAbsent(symbols.get(i).value(), i);
    }
    for (ElfRelocation relocation : relocations) {
      Integer outer = byPlace.get((long) relocation.offset() - INNER_DEFINITION);
      boolean inner = relocation.symbol().section() == section.index();
      if (outer == null || !inner || words.get(outer).length * Integer.BYTES != GOEBPF) {
        continue;
      }
      long addend = section.bytes().getLong(relocation.offset());
      Integer named = byPlace.get(relocation.symbol().value() + addend);
      if (named != null && isOuter(maps.get(outer))) {
        maps.get(outer).inner = innerOf(maps.get(named));
      }
    }
  }

  private static boolean isOuter(MapSpecBuilder map) {
    return map.typeId == MapType.ARRAY_OF_MAPS.id() || map.typeId == MapType.HASH_OF_MAPS.id();
  }

  private static MapSpec innerOf(MapSpecBuilder map) {
    return isOuter(map) ? null : map.build();
  }
}
