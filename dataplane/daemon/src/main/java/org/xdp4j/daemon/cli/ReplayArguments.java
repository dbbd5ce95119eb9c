package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.engine.ReplayOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What {@code xdp4j replay} is given. Declared in code: annotations would take longer to read than
 * a small replay takes.
 */
final class ReplayArguments {
  static final String[] DESCRIPTION = {
    "Runs an XDP program over every frame of captures and applies its verdicts.",
    "",
    "Several programs run in a chain as libxdp runs them: by priority, each as long as the one"
        + " before returned an action the chain goes on after (XDP_RUN_CONFIG in the source). Maps"
        + " that they ask libbpf to pin by name (LIBBPF_PIN_BY_NAME) are one and the same.",
    "",
    "Prints frames, bytes, actions and speed, then what the program's maps hold. Programs see the"
        + " time of the capture and ring buffers are read after each batch of frames, so that a"
        + " replay of files with one worker repeats exactly. With --workers each flow's verdicts do"
        + " as far as they depend on nothing else; what flows share, such as the order of events"
        + " and what finds no room, may not. Captures are pcap or pcapng, compressed with gzip or"
        + " not; - is standard input.",
    "",
    "Timers run by the capture's time, each before the first frame that is not older; after the"
        + " last frame those run that are due by its time, and all work that was handed over. What"
        + " is due later does not run.",
    "",
    "Exit status 1 when the program is refused; 2 when a file cannot be used, or a capture is"
        + " truncated or corrupt: what is whole is replayed all the same; 130 when interrupted,"
        + " with the balance so far."
  };

  static final String[] EXAMPLES = {
    "  xdp4j replay --program filters/firewall.bpf.o pcaps/http.pcap",
    "  xdp4j replay --program filters/firewall.bpf.o --out passed.pcapng --dropped dropped.pcapng"
        + " in.pcap",
    "  xdp4j replay --program filters/protocol_counter.bpf.o --workers 4 --repeat 1000"
        + " pcaps/mixed.pcapng",
    "  xdp4j replay --program filters/firewall.bpf.o --program filters/protocol_counter.bpf.o"
        + " --run-config firewall=10 pcaps/mixed.pcapng",
    "  xdp4j replay --program filters/sampler.bpf.o --events - --event-type samples=sample"
        + " pcaps/dns.pcap",
    "",
    "Maps are filled with entries KEY=VALUE, or KEY:VALUE where the key has no colon of its own:",
    "",
    "  --map blocked=192.0.2.0/24              an entry of an LPM trie; a value left out is 1",
    "  --map routes=2001:db8::/32=7,::/0=1     several entries",
    "  --map 'ports={protocol: 6, number: 22}={action: XDP_DROP}'",
    "  --map config='{rate: 100}'              the only entry of an array",
    "  --map default_action=XDP_PASS           a global variable, constants included",
    "  --map by_tenant=3=routes_b              a map of the object into a map of maps",
    "  --map 'jobs={id: 5},{id: 6}'            pushed onto a queue or stack, added to a filter",
    "  --map blocked=@blocked.txt              entries from a file, one a line",
    "  --map jumps=1=count,2=drop              programs of the object, in a program array",
    "  --map 'ports=7={ifindex: 3, bpf_prog: leaving}', or ports=7=3+leaving",
    "                                          a program with the entry of a device or CPU map",
    "",
    "Keys and values are typed by the object's BTF: numbers, names of enums, \"text\", IPv4,"
        + " IPv6",
    "and MAC addresses, {structs} by field or in order, [arrays], hex(00 35) for bytes as they",
    "lie in memory. Numbers of __be16, __be32 and __be64 are put in network order."
  };

  /** How a frame's time looks to the program. */
  enum ReplayClock {
    CAPTURE,
    MACHINE
  }

  private final OptionSpec program =
      OptionSpec.builder("-p", "--program")
          .required(true)
          .type(List.class)
          .auxiliaryTypes(String.class)
          .arity("1")
          .paramLabel("OBJ[:NAME]")
          .description(
              "The object file, and the program in it when there are several. Given more than once,"
                  + " the programs run in a chain; one of a freplace section stands in the place"
                  + " of a function of another one.")
          .build();

  private final OptionSpec runConfigs =
      OptionSpec.builder("--run-config")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .arity("1")
          .paramLabel("PROGRAM=CONFIG")
          .description(
              "Where a program stands in a chain, instead of what it says itself: its priority, or"
                  + " the actions to go on after, or both, such as 10,XDP_PASS,XDP_TX.")
          .build();

  private final OptionSpec attachments =
      OptionSpec.builder(Replacement.OPTION)
          .type(List.class)
          .auxiliaryTypes(String.class)
          .arity("1")
          .paramLabel("PROGRAM=TARGET:FUNCTION")
          .description(
              "Which function of which program a program replaces, as freplace programs and those"
                  + " of libxdp do. Unless given, a program of section freplace/FUNCTION replaces"
                  + " that of the only program that has it.")
          .build();

  private final OptionSpec workers =
      OptionSpec.builder("-w", "--workers")
          .type(int.class)
          .paramLabel("N")
          .defaultValue("1")
          .description(
              "Threads that run the program, frames of a flow always on the same one; 1 unless"
                  + " given. Those of a program with timers or work queues take turns, so that"
                  + " these run at their time.")
          .build();

  private final OptionSpec split =
      OptionSpec.builder("--split")
          .type(boolean.class)
          .description(
              "Workers share captures by stretches of records and not by flows: faster, but frames"
                  + " of a flow are run at the same time. Outputs stay in order.")
          .build();

  private final OptionSpec repeat =
      OptionSpec.builder("--repeat")
          .type(long.class)
          .paramLabel("N")
          .defaultValue("1")
          .description("How often to go through all captures; 1 unless given.")
          .build();

  private final OptionSpec out =
      OptionSpec.builder("-o", "--out")
          .type(Path.class)
          .paramLabel("FILE")
          .description("Write frames that go on; a name ending in .pcap makes pcap, others pcapng.")
          .build();

  private final OptionSpec dropped =
      OptionSpec.builder("--dropped")
          .type(Path.class)
          .paramLabel("FILE")
          .description("Write frames that do not.")
          .build();

  private final OptionSpec events =
      OptionSpec.builder("--events")
          .type(String.class)
          .paramLabel("FILE")
          .description(
              "Write what the program says as it says it, a JSON object a line: ring buffers'"
                  + " records, perf events, bpf_printk. - is standard output.")
          .build();

  private final OptionSpec eventTypes =
      OptionSpec.builder("--event-type")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .paramLabel("MAP=TYPE")
          .description(
              "With --events: the type that a map's records begin with, to show its fields.")
          .build();

  private final OptionSpec maps =
      OptionSpec.builder("-m", "--map")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .paramLabel("NAME=ENTRY")
          .description("Fill a map, or set a global variable, first; see the examples.")
          .build();

  private final OptionSpec maxEntries =
      OptionSpec.builder(MaxEntries.OPTION)
          .type(List.class)
          .auxiliaryTypes(String.class)
          .arity("1")
          .paramLabel("MAP=N")
          .description(MaxEntries.DESCRIPTION)
          .build();

  private final OptionSpec mapMemory =
      OptionSpec.builder(MapMemory.OPTION)
          .type(String.class)
          .paramLabel("SIZE")
          .description(MapMemory.DESCRIPTION)
          .build();

  private final OptionSpec kconfig =
      OptionSpec.builder(KernelFacts.KCONFIG)
          .type(Path.class)
          .paramLabel("FILE")
          .description(KernelFacts.KCONFIG_DESCRIPTION)
          .build();

  private final OptionSpec btf =
      OptionSpec.builder(KernelFacts.BTF)
          .type(Path.class)
          .paramLabel("FILE")
          .description(KernelFacts.BTF_DESCRIPTION)
          .build();

  private final OptionSpec clock =
      OptionSpec.builder("--clock")
          .type(ReplayClock.class)
          .paramLabel("CLOCK")
          .defaultValue("capture")
          .description("The time programs see: capture (the default) or machine.")
          .build();

  private final OptionSpec as =
      OptionSpec.builder("--as")
          .type(As.class)
          .paramLabel("xdp")
          .description("Take a program of any section for an XDP program.")
          .build();

  private final OptionSpec interpret =
      OptionSpec.builder("--interpret")
          .type(boolean.class)
          .description("Run in the checked interpreter instead of compiled code.")
          .build();

  private final PositionalParamSpec captures =
      PositionalParamSpec.builder()
          .arity("1..*")
          .type(List.class)
          .auxiliaryTypes(Path.class)
          .paramLabel("CAPTURE")
          .description("Captures, one after the other.")
          .build();

  /** Declares all of them. */
  CommandSpec addTo(CommandSpec spec) {
    return spec.addOption(program)
        .addOption(runConfigs)
        .addOption(attachments)
        .addOption(workers)
        .addOption(split)
        .addOption(repeat)
        .addOption(out)
        .addOption(dropped)
        .addOption(events)
        .addOption(eventTypes)
        .addOption(maps)
        .addOption(maxEntries)
        .addOption(mapMemory)
        .addOption(kconfig)
        .addOption(btf)
        .addOption(clock)
        .addOption(as)
        .addOption(interpret)
        .addPositional(captures);
  }

  List<String> programs() {
    return list(program);
  }

  List<String> runConfigs() {
    return list(runConfigs);
  }

  List<String> attachments() {
    return list(attachments);
  }

  int workers() {
    return workers.<Integer>getValue();
  }

  long repeat() {
    return repeat.<Long>getValue();
  }

  Path out() {
    return out.getValue();
  }

  Path dropped() {
    return dropped.getValue();
  }

  /** Where events go, or null. */
  String events() {
    return events.getValue();
  }

  List<String> eventTypes() {
    return list(eventTypes);
  }

  List<String> maps() {
    return list(maps);
  }

  MaxEntries maxEntries() throws CliException {
    return MaxEntries.parse(maxEntries.getValue());
  }

  /** What all maps may take together. */
  MapBudget mapBudget() throws CliException {
    return MapMemory.parse(mapMemory.getValue());
  }

  private static List<String> list(OptionSpec option) {
    List<String> entries = option.getValue();
    return entries == null ? List.of() : entries;
  }

  /** What the kernel is said to be. */
  KernelFacts kernel() throws CliException {
    return KernelFacts.read(kconfig.getValue(), btf.getValue());
  }

  boolean asXdp() {
    return as.getValue() == As.XDP;
  }

  boolean interpret() {
    return Boolean.TRUE.equals(interpret.getValue());
  }

  List<Path> captures() {
    return captures.getValue();
  }

  /** What the engine wants to know of them. */
  ReplayOptions options() {
    boolean captureTime = clock.getValue() == ReplayClock.CAPTURE;
    boolean byStretches = Boolean.TRUE.equals(split.getValue());
    return new ReplayOptions(
        captures(), workers(), repeat(), out(), dropped(), captureTime, byStretches, true);
  }
}
