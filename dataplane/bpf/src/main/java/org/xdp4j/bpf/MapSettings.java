package org.xdp4j.bpf;

import org.xdp4j.bpf.map.MapSpec;

/**
 * What user space decides about a map before it is made, in the place of what the object says.
 *
 * @param maxEntries entries at the most ({@code bpf_map__set_max_entries} of libbpf); null to leave
 *     it
 * @param inner what a map of maps is made for ({@code bpf_map__set_inner_map_fd}); null to leave it
 * @param pin the name in {@link PinnedMaps} that the map is shared under ({@code
 *     bpf_map__set_pin_path}), empty for none; null to leave it
 * @param unused whether it is made also when no program uses it ({@code bpf_map__set_autocreate})
 */
public record MapSettings(Integer maxEntries, MapSpec inner, String pin, boolean unused) {
  /** Leaves all as it is. */
  static final MapSettings NONE = new MapSettings(null, null, null, false);

  MapSettings withMaxEntries(int entries) {
    return new MapSettings(entries, inner, pin, unused);
  }

  MapSettings withInner(MapSpec template) {
    return new MapSettings(maxEntries, template, pin, unused);
  }

  MapSettings withPin(String name) {
    return new MapSettings(maxEntries, inner, name, unused);
  }

  MapSettings withUnused() {
    return new MapSettings(maxEntries, inner, pin, true);
  }

  /** The definition as it is then. */
  MapSpec applyTo(MapSpec spec) {
    MapSpec changed = maxEntries == null ? spec : spec.withMaxEntries(maxEntries);
    changed = inner == null ? changed : changed.withInner(inner);
    if (pin == null) {
      return changed;
    }
    return changed.withPinning(pin.isEmpty() ? MapSpec.PIN_NONE : MapSpec.PIN_BY_NAME);
  }
}
