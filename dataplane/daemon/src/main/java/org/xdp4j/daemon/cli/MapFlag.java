package org.xdp4j.daemon.cli;

import org.xdp4j.bpf.map.MapSpec;

/** The flags of a map's creation by the names linux/bpf.h gives them, without BPF_F_. */
enum MapFlag {
  NO_PREALLOC(MapSpec.F_NO_PREALLOC),
  NO_COMMON_LRU(MapSpec.F_NO_COMMON_LRU),
  NUMA_NODE(MapSpec.F_NUMA_NODE),
  RDONLY(MapSpec.F_RDONLY),
  WRONLY(MapSpec.F_WRONLY),
  ZERO_SEED(MapSpec.F_ZERO_SEED),
  RDONLY_PROG(MapSpec.F_RDONLY_PROG),
  WRONLY_PROG(MapSpec.F_WRONLY_PROG),
  MMAPABLE(MapSpec.F_MMAPABLE),
  INNER_MAP(MapSpec.F_INNER_MAP);

  private final int bit;

  MapFlag(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }
}
