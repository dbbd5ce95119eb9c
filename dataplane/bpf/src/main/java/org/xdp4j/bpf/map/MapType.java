package org.xdp4j.bpf.map;

import java.util.Optional;

/**
 * {@code enum bpf_map_type} (linux/bpf.h): every number Linux 6.18 knows, whether or not it is
 * implemented here. INSN_ARRAY (34) came after it, and is unknown to both.
 */
public enum MapType {
  HASH(1),
  ARRAY(2),
  PROG_ARRAY(3),
  PERF_EVENT_ARRAY(4),
  PERCPU_HASH(5),
  PERCPU_ARRAY(6),
  STACK_TRACE(7),
  CGROUP_ARRAY(8),
  LRU_HASH(9),
  LRU_PERCPU_HASH(10),
  LPM_TRIE(11),
  ARRAY_OF_MAPS(12),
  HASH_OF_MAPS(13),
  DEVMAP(14),
  SOCKMAP(15),
  CPUMAP(16),
  XSKMAP(17),
  SOCKHASH(18),
  CGROUP_STORAGE(19),
  REUSEPORT_SOCKARRAY(20),
  PERCPU_CGROUP_STORAGE(21),
  QUEUE(22),
  STACK(23),
  SK_STORAGE(24),
  DEVMAP_HASH(25),
  STRUCT_OPS(26),
  RINGBUF(27),
  INODE_STORAGE(28),
  TASK_STORAGE(29),
  BLOOM_FILTER(30),
  USER_RINGBUF(31),
  CGRP_STORAGE(32),
  ARENA(33);

  private final int id;

  MapType(int id) {
    this.id = id;
  }

  /** The number in linux/bpf.h. */
  public int id() {
    return id;
  }

  /** Whether each CPU has a value of its own. */
  public boolean isPerCpu() {
    return this == PERCPU_HASH || this == PERCPU_ARRAY || this == LRU_PERCPU_HASH;
  }

  /**
   * Whether a program that uses such a map must be of the kind of those that stand in it (Linux,
   * map_type_contains_progs, which leaves DEVMAP_HASH out).
   */
  public boolean containsPrograms() {
    return this == PROG_ARRAY || this == DEVMAP || this == CPUMAP;
  }

  /** The type with this number. */
  public static Optional<MapType> of(int id) {
    return id >= 1 && id <= values().length ? Optional.of(values()[id - 1]) : Optional.empty();
  }
}
