package org.xdp4j.bpf.map;

/**
 * The checks that the kernel's {@code *_alloc_check} functions make of a definition, each a
 * sentence when it fails.
 */
final class SpecCheck {
  /** The largest block the kernel's kmalloc gives: the bound of a key and a value together. */
  static final long KMALLOC_MAX = 4L << 20;

  /** The kernel's PCPU_MIN_UNIT_SIZE: the bound of a per-CPU value. */
  static final long PER_CPU_MAX = 32L << 10;

  private final MapSpec spec;

  /** That something is too large, which Linux looks at last. */
  private MapException tooLarge;

  SpecCheck(MapSpec spec) {
    this.spec = spec;
  }

  SpecCheck flags(int allowed) throws MapException {
    int unknown = spec.flags() & ~allowed;
    if (unknown != 0) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has flags 0x%x that %s does not take".formatted(unknown, spec.type()));
    }
    refuseBoth(MapSpec.F_RDONLY_PROG | MapSpec.F_WRONLY_PROG, "programs");
    return this;
  }

  /** What Linux looks at before the type is asked. */
  SpecCheck userAccess() throws MapException {
    refuseBoth(MapSpec.F_RDONLY | MapSpec.F_WRONLY, "user space");
    return this;
  }

  /** The node that a map is to be on is there. */
  SpecCheck node() throws MapException {
    if (asksForNode() && !NumaNodes.has(spec.numaNode())) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "is to be on NUMA node %s, and this machine has %s"
              .formatted(unsigned(spec.numaNode()), NumaNodes.text()));
    }
    return this;
  }

  /** A map of something for each CPU is on the nodes of these. */
  SpecCheck noNode() throws MapException {
    if (asksForNode() && spec.numaNode() != NumaNodes.NONE) {
      throw MapException.of(
          spec, Errno.EINVAL, "has a NUMA node, and elements or values for each CPU");
    }
    return this;
  }

  private boolean asksForNode() {
    return (spec.flags() & MapSpec.F_NUMA_NODE) != 0;
  }

  private void refuseBoth(int both, String whom) throws MapException {
    if ((spec.flags() & both) == both) {
      throw MapException.of(spec, Errno.EINVAL, "is both read-only and write-only for " + whom);
    }
  }

  SpecCheck keySize(int size) throws MapException {
    if (spec.keySize() != size) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has keys of %s bytes, but %s takes keys of %d"
              .formatted(unsigned(spec.keySize()), spec.type(), size));
    }
    return this;
  }

  SpecCheck valueSize(int... sizes) throws MapException {
    for (int size : sizes) {
      if (spec.valueSize() == size) {
        return this;
      }
    }
    String choice =
        String.join(" or ", java.util.Arrays.stream(sizes).mapToObj(String::valueOf).toList());
    throw MapException.of(
        spec,
        Errno.EINVAL,
        "has values of %s bytes, but %s takes values of %s"
            .formatted(unsigned(spec.valueSize()), spec.type(), choice));
  }

  SpecCheck keys() throws MapException {
    return size("keys", spec.keySize(), KMALLOC_MAX);
  }

  SpecCheck values() throws MapException {
    return size("values", spec.valueSize(), Integer.MAX_VALUE - 8L);
  }

  /** Values that share an allocation with their key. */
  SpecCheck elements(long overhead) throws MapException {
    keys();
    size("values", spec.valueSize(), KMALLOC_MAX);
    long together =
        Integer.toUnsignedLong(spec.keySize()) + Integer.toUnsignedLong(spec.valueSize());
    if (together >= KMALLOC_MAX - overhead) {
      tooLarge("has keys and values of %d bytes together, more than 4 MiB".formatted(together));
    }
    return this;
  }

  /** Values of one allocation each, of maps without keys. */
  SpecCheck keylessValues() throws MapException {
    keySize(0);
    return size("values", spec.valueSize(), KMALLOC_MAX);
  }

  /** Looks only at whether values are too large. */
  SpecCheck valuesAtMost() {
    if (Integer.toUnsignedLong(spec.valueSize()) > KMALLOC_MAX) {
      tooLarge("has values of %s bytes, more than 4 MiB".formatted(unsigned(spec.valueSize())));
    }
    return this;
  }

  SpecCheck perCpuValues() throws MapException {
    return size("per-CPU values", spec.valueSize(), PER_CPU_MAX);
  }

  private SpecCheck size(String what, int size, long most) throws MapException {
    if (size == 0) {
      throw MapException.of(spec, Errno.EINVAL, "has " + what + " of 0 bytes");
    }
    if (Integer.toUnsignedLong(size) > most) {
      tooLarge(
          "has %s of %s bytes, more than the %d allowed".formatted(what, unsigned(size), most));
    }
    return this;
  }

  SpecCheck entries() throws MapException {
    return someEntries().atMost(MAX_ENTRIES);
  }

  /** Any number of entries but none. */
  SpecCheck someEntries() throws MapException {
    if (spec.maxEntries() == 0) {
      throw MapException.of(spec, Errno.EINVAL, "has max_entries 0");
    }
    return this;
  }

  /** Refuses more entries than this. */
  SpecCheck atMost(int entries) {
    if (Integer.compareUnsigned(spec.maxEntries(), entries) > 0) {
      tooLarge(
          "has max_entries %s, more than the %d allowed"
              .formatted(unsigned(spec.maxEntries()), entries));
    }
    return this;
  }

  private void tooLarge(String reason) {
    if (tooLarge == null) {
      tooLarge = MapException.of(spec, Errno.E2BIG, reason);
    }
  }

  /** All that Linux looks at first is right: refuses what is too large. */
  SpecCheck done() throws MapException {
    if (tooLarge != null) {
      throw tooLarge;
    }
    return this;
  }

  /** Ends the check, and refuses an index that would take more than half of the Java heap. */
  void heap(int bytesPerEntry) throws MapException {
    done();
    long needed = spec.maxEntries() * (long) bytesPerEntry;
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (needed > most) {
      throw MapException.of(
          spec,
          Errno.ENOMEM,
          "has max_entries %d, whose index needs %d MiB of Java heap, more than half of it (%d MiB)"
              .formatted(spec.maxEntries(), needed >> 20, most >> 20));
    }
  }

  /** Entries that Java arrays can index with room for what surrounds them. */
  static final int MAX_ENTRIES = 1 << 29;

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }
}
