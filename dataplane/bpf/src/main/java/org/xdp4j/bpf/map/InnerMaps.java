package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;

/** A map whose values are maps ({@code BPF_MAP_TYPE_ARRAY_OF_MAPS}, {@code _HASH_OF_MAPS}). */
public interface InnerMaps {
  /**
   * Puts a map under a key.
   *
   * @param key of the key size
   * @param inner a map in the same region, of the shape the definition says inner maps have
   * @return 0; -EINVAL when the shape is another or the flags are unknown; else as for a plain map
   */
  int set(byte[] key, BpfMap inner, long flags);

  /** The map under a key, or null; it may be taken out and freed at any time. */
  BpfMap inner(byte[] key);

  /** The map under a key with a reference to it, which the caller drops; or null. */
  BpfMap take(byte[] key);

  /**
   * Whether a map may stand where {@code template} is expected (the kernel's bpf_map_meta_equal):
   * same type, sizes, flags and special fields; for arrays, unless they have {@link
   * MapSpec#F_INNER_MAP}, and for XSK maps also the same number of entries.
   */
  static boolean fits(MapSpec template, MapSpec inner) {
    boolean same =
        template.typeId() == inner.typeId()
            && template.fields().equals(inner.fields())
            && template.keySize() == inner.keySize()
            && template.valueSize() == inner.valueSize()
            && template.flags() == inner.flags();
    return same && (!hasFixedSize(template) || template.maxEntries() == inner.maxEntries());
  }

  private static boolean hasFixedSize(MapSpec template) {
    return template.type() == MapType.XSKMAP
        || template.type() == MapType.ARRAY && (template.flags() & MapSpec.F_INNER_MAP) == 0;
  }

  /**
   * In what a map differs from the one that {@link #fits} where it does not; empty when it fits.
   */
  static String difference(MapSpec template, MapSpec inner) {
    List<String> found = new ArrayList<>();
    if (template.typeId() != inner.typeId()) {
      found.add("is %s, not %s".formatted(type(inner), type(template)));
    }
    differ(found, "keys of %s bytes, not %s", inner.keySize(), template.keySize());
    differ(found, "values of %s bytes, not %s", inner.valueSize(), template.valueSize());
    if (template.flags() != inner.flags()) {
      found.add("has map_flags 0x%x, not 0x%x".formatted(inner.flags(), template.flags()));
    }
    if (hasFixedSize(template)) {
      differ(found, "max_entries %s, not %s", inner.maxEntries(), template.maxEntries());
    }
    if (!template.fields().equals(inner.fields())) {
      found.add("has other special fields in its values");
    }
    return String.join(", ", found);
  }

  private static void differ(List<String> found, String what, int is, int wanted) {
    if (is != wanted) {
      found.add(
          "has " + what.formatted(Integer.toUnsignedString(is), Integer.toUnsignedString(wanted)));
    }
  }

  private static String type(MapSpec spec) {
    return spec.type() == null
        ? "of type " + Integer.toUnsignedString(spec.typeId())
        : "a map of type " + spec.type();
  }

  /**
   * The maps a program reaches: its own (null where it has none), and those in its maps of maps as
   * they are now. The list itself when there are no maps of maps.
   */
  static List<BpfMap> withInner(List<BpfMap> maps) {
    List<BpfMap> all = maps;
    for (BpfMap map : maps) {
      if (map instanceof InnerMaps holder) {
        all = all == maps ? new ArrayList<>(maps) : all;
        for (byte[] key : map.keys()) {
          BpfMap inner = holder.inner(key);
          if (inner != null && !all.contains(inner)) {
            all.add(inner);
          }
        }
      }
    }
    return all;
  }

  /** Refuses a definition without inner maps, or with ones that themselves hold maps. */
  static void checkTemplate(MapSpec spec) throws MapException {
    MapSpec inner = spec.inner();
    if (inner == null) {
      throw MapException.of(spec, Errno.EINVAL, "does not say what its inner maps are");
    }
    MapFactory.check(inner);
    boolean nested = inner.type() == MapType.ARRAY_OF_MAPS || inner.type() == MapType.HASH_OF_MAPS;
    if (nested || inner.type() == MapType.PROG_ARRAY) {
      int error = nested ? Errno.EINVAL : Errno.ENOTSUPP;
      throw MapException.of(spec, error, "cannot hold maps of type " + inner.type());
    }
  }
}
