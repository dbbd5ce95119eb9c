package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;

/** Something that runs, as a loaded program is put into maps; it never ends. */
public record AnyProgram(String name, ProgramKind kind, Executable runs) implements MapProgram {
  /** One that tail calls go to. */
  public static AnyProgram of(Executable runs) {
    return new AnyProgram("any", new ProgramKind(false, ""), runs);
  }

  /** One of a device map's entry. */
  public static AnyProgram leaving(Executable runs) {
    return new AnyProgram("any", new ProgramKind(false, "devmap"), runs);
  }

  /** One of a CPU map's entry. */
  public static AnyProgram arriving(Executable runs) {
    return new AnyProgram("any", new ProgramKind(false, "cpumap"), runs);
  }

  /** Puts something into a slot that tail calls go to. */
  public static int put(ProgramArrayMap array, int slot, Executable runs) {
    return array.set(slot, of(runs), BpfMap.ANY);
  }

  @Override
  public Executable executable(MapType type) {
    return runs;
  }

  @Override
  public boolean uses(BpfMap map) {
    return false;
  }

  @Override
  public boolean hold() {
    return true;
  }

  @Override
  public void release() {}
}
