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

  SpecCheck(MapSpec spec) {
    this.spec = spec;
  }

  SpecCheck flags(int allowed) throws MapException {
    int unknown = spec.flags() & ~allowed;
    if (unknown != 0) {
      throw MapException.of(
          spec, "has flags 0x%x that %s does not take".formatted(unknown, spec.type()));
    }
    refuseBoth(MapSpec.F_RDONLY_PROG | MapSpec.F_WRONLY_PROG, "programs");
    refuseBoth(MapSpec.F_RDONLY | MapSpec.F_WRONLY, "user space");
    return this;
  }

  private void refuseBoth(int both, String whom) throws MapException {
    if ((spec.flags() & both) == both) {
      throw MapException.of(spec, "is both read-only and write-only for " + whom);
    }
  }

  SpecCheck keySize(int size) throws MapException {
    if (spec.keySize() != size) {
      throw MapException.of(
          spec,
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
    if ((long) spec.keySize() + spec.valueSize() >= KMALLOC_MAX - overhead) {
      throw MapException.of(
          spec,
          "has keys and values of %d bytes together, more than Linux allows (4 MiB)"
              .formatted((long) spec.keySize() + spec.valueSize()));
    }
    return this;
  }

  /** Values of one allocation each, of maps without keys. */
  SpecCheck keylessValues() throws MapException {
    keySize(0);
    return size("values", spec.valueSize(), KMALLOC_MAX - 64);
  }

  SpecCheck perCpuValues() throws MapException {
    return size("per-CPU values", spec.valueSize(), PER_CPU_MAX);
  }

  private SpecCheck size(String what, int size, long most) throws MapException {
    if (size == 0) {
      throw MapException.of(spec, "has " + what + " of 0 bytes");
    }
    if (Integer.toUnsignedLong(size) > most) {
      throw MapException.of(
          spec,
          "has %s of %s bytes, more than the %d allowed".formatted(what, unsigned(size), most));
    }
    return this;
  }

  SpecCheck entries() throws MapException {
    if (spec.maxEntries() == 0) {
      throw MapException.of(spec, "has max_entries 0");
    }
    if (spec.maxEntries() < 0 || spec.maxEntries() > MAX_ENTRIES) {
      throw MapException.of(
          spec,
          "has max_entries %s, more than the %d supported"
              .formatted(unsigned(spec.maxEntries()), MAX_ENTRIES));
    }
    return this;
  }

  /** Refuses an index that would take more than half of the Java heap. */
  SpecCheck heap(int bytesPerEntry) throws MapException {
    long needed = spec.maxEntries() * (long) bytesPerEntry;
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (needed > most) {
      throw MapException.of(
          spec,
          "has max_entries %d, whose index needs %d MiB of Java heap, more than half of it (%d MiB)"
              .formatted(spec.maxEntries(), needed >> 20, most >> 20));
    }
    return this;
  }

  /** Entries that Java arrays can index with room for what surrounds them. */
  static final int MAX_ENTRIES = 1 << 29;

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }
}
