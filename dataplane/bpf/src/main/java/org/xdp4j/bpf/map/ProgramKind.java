package org.xdp4j.bpf.map;

/**
 * What a map that programs stand in tells one program from another by: those of one map are of one
 * kind, since they run in each other's place.
 *
 * @param frags whether it takes packets of several buffers (BPF_F_XDP_HAS_FRAGS)
 * @param attach where it runs, its {@code expected_attach_type}: empty for where frames come in,
 *     {@code devmap} or {@code cpumap}
 */
public record ProgramKind(boolean frags, String attach) {
  /** As the section of such a program is called. */
  @Override
  public String toString() {
    String section = frags ? "xdp.frags" : "xdp";
    return attach.isEmpty() ? section : section + "/" + attach;
  }
}
