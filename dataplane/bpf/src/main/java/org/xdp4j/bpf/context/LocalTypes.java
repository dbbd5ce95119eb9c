package org.xdp4j.bpf.context;

/** The structs of a program that it allocates objects of. */
public interface LocalTypes {
  /** Those of a program without any. */
  LocalTypes NONE = id -> null;

  /** The struct of this id in the program's BTF, as maps know it; null when there is none. */
  Object type(long id);

  /** CPUs that an object of each CPU is allocated for. */
  default int cpus() {
    return 1;
  }
}
