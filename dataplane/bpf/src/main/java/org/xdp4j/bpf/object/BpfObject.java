package org.xdp4j.bpf.object;

import java.util.List;
import java.util.Optional;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.KernelBtf;
import org.xdp4j.bpf.map.MapSpec;

/**
 * What an object file holds, read and linked, nothing of it running yet.
 *
 * @param file the file's name as the user gave it
 * @param programs in the order of sections and of offsets within them
 * @param maps in the object's order; data sections' maps behind the others
 * @param btf its types; empty ones when the file has none
 * @param license the {@code license} section's string, or empty
 * @param untyped why Linux does not take its types ({@link KernelBtf}), so that programs are judged
 *     without them; null when it does, or there are none
 * @param ignored why what {@code .BTF.ext} says of source lines, functions and CO-RE relocations is
 *     not used, as libbpf ignores it too; null when it is
 */
public record BpfObject(
    String file,
    List<BpfProgram> programs,
    List<MapSpec> maps,
    Btf btf,
    String license,
    String untyped,
    String ignored) {

  /** One whose types Linux takes. */
  public BpfObject(
      String file, List<BpfProgram> programs, List<MapSpec> maps, Btf btf, String license) {
    this(file, programs, maps, btf, license, null, null);
  }

  /** The program of this name. */
  public Optional<BpfProgram> program(String name) {
    return programs.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /** What it says of the map of this name. */
  public Optional<MapSpec> map(String name) {
    return maps.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** The same with another definition of the map of this name. */
  public BpfObject withMap(MapSpec changed) {
    List<MapSpec> all =
        maps.stream().map(m -> m.name().equals(changed.name()) ? changed : m).toList();
    return new BpfObject(file, programs, all, btf, license, untyped, ignored);
  }
}
