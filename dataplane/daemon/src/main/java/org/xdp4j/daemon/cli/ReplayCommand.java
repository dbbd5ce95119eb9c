package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayOptions;
import org.xdp4j.engine.ReplayResult;
import org.xdp4j.engine.capture.CaptureReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j replay}: a program over every frame of captures. */
@Command(
    name = "replay",
    description = {
      "Runs an XDP program over every frame of captures and applies its verdicts.",
      "",
      "Prints frames, bytes, actions and speed, then what the program's maps hold. Programs see the"
          + " time of the capture, so that a replay repeats exactly. Captures are pcap or pcapng,"
          + " compressed with gzip or not; - is standard input.",
      "",
      "Exit status 1 when the program is refused; 2 when a file cannot be used, or a capture is"
          + " truncated or corrupt: what is whole is replayed all the same; 130 when interrupted,"
          + " with the balance so far."
    },
    footer = {
      "  xdp4j replay --program filters/firewall.bpf.o pcaps/http.pcap",
      "  xdp4j replay --program filters/firewall.bpf.o --out passed.pcapng --dropped dropped.pcapng"
          + " in.pcap",
      "  xdp4j replay --program filters/protocol_counter.bpf.o --workers 4 --repeat 1000"
          + " pcaps/mixed.pcapng",
      "",
      "Maps are filled with entries KEY=VALUE, or KEY:VALUE where the key has no colon of its own:",
      "",
      "  --map blocked=192.0.2.0/24              an entry of an LPM trie; a value left out is 1",
      "  --map routes=2001:db8::/32=7,::/0=1     several entries",
      "  --map 'ports={protocol: 6, number: 22}={action: XDP_DROP}'",
      "  --map config='{rate: 100}'              the only entry of an array",
      "  --map default_action=XDP_PASS           a global variable, constants included",
      "  --map blocked=@blocked.txt              entries from a file, one a line",
      "",
      "Keys and values are typed by the object's BTF: numbers, names of enums, \"text\", IPv4,"
          + " IPv6",
      "and MAC addresses, {structs} by field or in order, [arrays], hex(00 35) for bytes as they",
      "lie in memory. Numbers of __be16, __be32 and __be64 are put in network order."
    })
final class ReplayCommand extends Verb {
  /** How a frame's time looks to the program. */
  enum ReplayClock {
    CAPTURE,
    MACHINE
  }

  @Option(
      names = {"-p", "--program"},
      required = true,
      paramLabel = "OBJ[:NAME]",
      description = "The object file, and the program in it when there are several.")
  private String program;

  @Option(
      names = {"-w", "--workers"},
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads that run the program, frames of a flow always on the same one; 1 unless given.")
  private int workers;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to go through all captures; 1 unless given.")
  private long repeat;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "Write frames that go on; a name ending in .pcap makes pcap, others pcapng.")
  private Path out;

  @Option(names = "--dropped", paramLabel = "FILE", description = "Write frames that do not.")
  private Path dropped;

  @Option(
      names = {"-m", "--map"},
      paramLabel = "NAME=ENTRY",
      description = "Fill a map, or set a global variable, first; see the examples.")
  private List<String> maps = List.of();

  @Option(
      names = "--clock",
      paramLabel = "CLOCK",
      defaultValue = "capture",
      description = "The time programs see: capture (the default) or machine.")
  private ReplayClock clock;

  @Option(
      names = "--as",
      paramLabel = "xdp",
      description = "Take a program of any section for an XDP program.")
  private As as;

  @Option(
      names = "--interpret",
      description = "Run in the checked interpreter instead of compiled code.")
  private boolean interpret;

  @Parameters(
      arity = "1..*",
      paramLabel = "CAPTURE",
      description = "Captures, one after the other.")
  private List<Path> captures;

  ReplayCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    check();
    MapOptions fillings = MapOptions.parse(maps);
    ObjectFile file = ObjectFile.parse(program);
    refuseToOverwrite(file.file());
    BpfObject object = fillings.prepare(file.read());
    BpfProgram chosen = file.choose(object, as == As.XDP);
    LoadOptions options = new LoadOptions(workers, interpret, as == As.XDP, Set.of(chosen.name()));
    try (Region region = Regions.reserve(object.maps(), workers);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      fillings.fill(object, loaded);
      return run(loaded, loaded.program(chosen.name()).orElseThrow(), region);
    } catch (LoadException e) {
      throw CliException.refused(e.getMessage(), e);
    }
  }

  private void check() throws CliException {
    if (workers < 1 || workers > ReplayOptions.MAX_WORKERS) {
      throw CliException.unusable(
          "--workers is 1 to " + ReplayOptions.MAX_WORKERS + ", not " + workers);
    }
    if (repeat < 1) {
      throw CliException.unusable("--repeat is 1 or more, not " + repeat);
    }
    for (Path capture : captures) {
      boolean standardInput = capture.toString().equals(CaptureReader.STDIN);
      if (standardInput && repeat > 1) {
        throw CliException.unusable("standard input can be replayed only once, not with --repeat");
      }
      if (!standardInput && !Files.exists(capture)) {
        throw CliException.unusable(capture + ": there is no such file");
      }
    }
  }

  /** Captures are looked after by the engine, the object file only we know. */
  private void refuseToOverwrite(Path object) throws CliException {
    for (Path output : new Path[] {out, dropped}) {
      try {
        if (output != null && Files.exists(output) && Files.isSameFile(output, object)) {
          throw CliException.unusable(
              output + ": is the object file to be run, and would be overwritten");
        }
      } catch (IOException e) {
        throw CliException.unusable(Sentences.of(object.toString(), "read", e), e);
      }
    }
  }

  private int run(LoadedObject loaded, XdpProgram xdp, Region region) throws CliException {
    ReplayOptions options =
        new ReplayOptions(
            captures, workers, repeat, out, dropped, clock == ReplayClock.CAPTURE, true);
    EventLog events = new EventLog(console, loaded.maps());
    ReplayResult result;
    try (Replay replay = Replay.open(xdp, region, options, events)) {
      result = run(replay, events);
    } catch (FileSystemException e) {
      throw CliException.unusable(Sentences.of(String.valueOf(e.getFile()), "opened", e), e);
    } catch (IOException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
    ReplayReport report = new ReplayReport(console, loaded, xdp, options, result, events);
    if (json) {
      report.write();
    } else {
      report.print();
    }
    return complaints(result);
  }

  private ReplayResult run(Replay replay, EventLog events) {
    EventLog.Draining draining = events.drain();
    Interruption interruption = Interruption.stopping(replay);
    ProgressDisplay progress = ProgressDisplay.of(console, replay);
    try {
      return replay.run();
    } finally {
      progress.close();
      interruption.close();
      draining.close();
    }
  }

  private int complaints(ReplayResult result) {
    int status = ExitStatus.OK;
    if (result.faults() > 0) {
      console.complain(
          Units.counted(result.faults(), "run")
              + " of the program ended in a fault of xdp4j, please report it");
      status = ExitStatus.INTERNAL;
    }
    for (IOException problem : result.problems()) {
      console.complain(problem.getMessage());
      status = ExitStatus.UNUSABLE;
    }
    if (result.failure() != null) {
      console.complain("the output is not whole: " + result.failure().getMessage());
      status = ExitStatus.UNUSABLE;
    }
    if (result.stopped() && result.failure() == null) {
      console.complain("interrupted; what is shown is the balance so far");
      status = ExitStatus.INTERRUPTED;
    }
    return status;
  }
}
