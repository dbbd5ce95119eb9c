package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Lifetime;

/**
 * A loaded program as entries of maps hold it (Linux: {@code struct bpf_prog} with its refcount):
 * it lives, and with it the maps it uses, as long as an entry has it.
 */
public interface MapProgram extends Lifetime {
  /** Its name in its object. */
  String name();

  /** Where it may stand. */
  ProgramKind kind();

  /** What an entry of a map of this type runs. */
  Executable executable(MapType type);

  /** Whether it uses the map, so that it holds the map in turn. */
  boolean uses(BpfMap map);
}
