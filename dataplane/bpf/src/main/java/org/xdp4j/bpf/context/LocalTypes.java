package org.xdp4j.bpf.context;

/** The structs that a program knows: those it allocates objects of, and a kernel's. */
public interface LocalTypes {
  /** Those of a program without any. */
  LocalTypes NONE = id -> null;

  /** The struct of this id in the program's BTF, as maps know it; null when there is none. */
  Object type(long id);

  /** Where the members of a kernel's structures lie for it. */
  default KernelLayout layout() {
    return KernelLayout.NONE;
  }

  /** CPUs that an object of each CPU is allocated for. */
  default int cpus() {
    return 1;
  }
}
