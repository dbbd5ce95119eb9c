package org.xdp4j.engine.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * XDP programs of one object file, and where they are attached.
 *
 * @param name what it is called; one port has one of these at the most
 * @param object the file
 * @param chain the programs that run one after the other, by function name and in any order: by
 *     what their run configurations say, as libxdp's dispatcher runs them. Empty for the object's
 *     only XDP program
 * @param runConfigs by a program's name what holds instead of what it says of itself ({@code
 *     XDP_RUN_CONFIG}), as {@link org.xdp4j.bpf.object.RunConfig#override} reads it
 * @param asXdp whether programs of any section are taken for XDP programs, as old objects need
 * @param replaced functions of these programs in whose place programs of other objects stand
 * @param ports the ports whose frames they run on
 * @param maps what is put into maps and global variables before the first frame, each {@code
 *     NAME=ENTRY[,ENTRY]...}, {@code NAME=@FILE} or {@code NAME=VALUE} as the command line's {@code
 *     --map} takes it. In device maps a port's name may stand for its index
 * @param pinned maps, by name, that are shared with every other program that pins one of the same
 *     name, and stay when the last of them goes
 * @param kernel what the object is told of a kernel
 */
public record ProgramPlan(
    String name,
    Path object,
    List<String> chain,
    Map<String, String> runConfigs,
    boolean asXdp,
    List<Replaced> replaced,
    List<String> ports,
    List<String> maps,
    List<String> pinned,
    Kernel kernel) {
  /**
   * A function that another program stands in the place of ({@code freplace}).
   *
   * @param program the program that has the function; null for the only one that does
   * @param function its name; null for the one that the section of {@code by} names
   * @param object the file of the program that replaces it
   * @param by that program's name; null for the object's only {@code freplace} program
   */
  public record Replaced(String program, String function, Path object, String by) {}

  /**
   * What the object is told of the kernel it is made for.
   *
   * @param kconfig a {@code .config} file with answers for {@code __kconfig}; null for none
   * @param btf a file with the kernel's types, which CO-RE relocations mean then; null for none
   */
  public record Kernel(Path kconfig, Path btf) {
    /** One that nothing is told of. */
    public static final Kernel NONE = new Kernel(null, null);
  }

  /** One that is told nothing of a kernel. */
  public ProgramPlan(
      String name,
      Path object,
      List<String> chain,
      List<String> ports,
      List<String> maps,
      List<String> pinned) {
    this(name, object, chain, Map.of(), false, List.of(), ports, maps, pinned, Kernel.NONE);
  }

  /** Takes copies of the lists. */
  public ProgramPlan {
    chain = List.copyOf(chain);
    runConfigs = Map.copyOf(runConfigs);
    replaced = List.copyOf(replaced);
    ports = List.copyOf(ports);
    maps = List.copyOf(maps);
    pinned = List.copyOf(pinned);
  }

  /** The object's only program on some ports. */
  public static ProgramPlan of(String name, Path object, String... ports) {
    return new ProgramPlan(name, object, List.of(), List.of(ports), List.of(), List.of());
  }

  /** The same with programs of any section taken for XDP programs. */
  public ProgramPlan takenForXdp() {
    return new ProgramPlan(
        name, object, chain, runConfigs, true, replaced, ports, maps, pinned, kernel);
  }

  /** The same with these in its maps. */
  public ProgramPlan withMaps(String... assignments) {
    return new ProgramPlan(
        name,
        object,
        chain,
        runConfigs,
        asXdp,
        replaced,
        ports,
        List.of(assignments),
        pinned,
        kernel);
  }

  /** The same for a kernel of which this is told. */
  public ProgramPlan withKernel(Kernel fresh) {
    return new ProgramPlan(
        name, object, chain, runConfigs, asXdp, replaced, ports, maps, pinned, fresh);
  }

  /** The same on other ports. */
  public ProgramPlan withPorts(List<String> fresh) {
    return new ProgramPlan(
        name, object, chain, runConfigs, asXdp, replaced, fresh, maps, pinned, kernel);
  }

  /** The same with these programs of the object. */
  public ProgramPlan withChain(String... programs) {
    return new ProgramPlan(
        name, object, List.of(programs), runConfigs, asXdp, replaced, ports, maps, pinned, kernel);
  }

  /** The same where a program stands elsewhere in the chain than it says. */
  public ProgramPlan withRunConfigs(Map<String, String> fresh) {
    return new ProgramPlan(
        name, object, chain, fresh, asXdp, replaced, ports, maps, pinned, kernel);
  }

  /** The same with functions replaced. */
  public ProgramPlan withReplaced(Replaced... functions) {
    return new ProgramPlan(
        name, object, chain, runConfigs, asXdp, List.of(functions), ports, maps, pinned, kernel);
  }
}
