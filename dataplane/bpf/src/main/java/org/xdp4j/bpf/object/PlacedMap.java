package org.xdp4j.bpf.object;

import org.xdp4j.bpf.map.MapSpec;

/**
 * A map definition and where it stands.
 *
 * @param section the number of its section
 * @param offset bytes from the section's beginning
 */
record PlacedMap(MapSpec spec, int section, long offset) {}
