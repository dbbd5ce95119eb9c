package org.xdp4j.bpf;

import java.util.List;
import java.util.Objects;
import org.xdp4j.bpf.context.Counted;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * A program as it runs, with what stands in the place of its functions. It holds the maps it uses
 * (kernel: used_maps of bpf_prog_aux), and is held by its program and by timers that call it.
 */
final class ProgramVersion extends Counted {
  private final VerifiedProgram verified;
  private final List<BpfMap> maps;
  private final Executable executable;
  private final List<BpfMap> used;

  /**
   * @param maps by the indexes that instructions have; null where none has it
   * @param executable that nobody has yet
   */
  ProgramVersion(VerifiedProgram verified, List<BpfMap> maps, Executable executable) {
    this.verified = verified;
    this.maps = maps;
    this.executable = executable;
    this.used = used(verified, maps);
    if (executable instanceof Subprograms subprograms) {
      subprograms.livesBy(this);
    }
    for (BpfMap map : used) { // last, and allocating nothing: whoever fails has no reference
      map.addReference();
    }
  }

  /** The maps that a program uses, each once. */
  static List<BpfMap> used(VerifiedProgram verified, List<BpfMap> maps) {
    return ObjectMaps.usedBy(verified.program()).stream()
        .filter(index -> index < maps.size())
        .map(maps::get)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /** What the verifier found out about the whole. */
  VerifiedProgram verified() {
    return verified;
  }

  /** Its maps, by the indexes that instructions have. */
  List<BpfMap> maps() {
    return maps;
  }

  Executable executable() {
    return executable;
  }

  /** The maps that it uses, each once. */
  List<BpfMap> used() {
    return used;
  }

  @Override
  protected void end() {
    used.forEach(BpfMap::dropReference);
  }
}
