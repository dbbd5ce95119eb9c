package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j test-run}: programs run over one frame. */
@Command(
    name = "test-run",
    description = {
      "Runs programs over one frame, as BPF_PROG_TEST_RUN of bpf(2) does.",
      "",
      "Maps start fresh for each program, and what they hold afterwards is printed; so is what the"
          + " program says: bpf_printk on standard error, ring buffers and perf events with their"
          + " maps. Repeats do not reset the frame between them. Work that the program handed over"
          + " is done afterwards, and timers run that are due by then. Exit status 1 when a program"
          + " cannot be run, 2 when a file or the frame cannot be used.",
      "",
      "With --json each line has object, program, retval, action, dataOut (hex), sizeOut, nsPerRun"
          + " and maps; or object, program and error."
    },
    footer = {
      "  xdp4j test-run --data @frame.bin filters/firewall.bpf.o",
      "  xdp4j test-run --data 'ffffffffffff 020000000001 0800' filters/pass.bpf.o:pass",
      "  xdp4j test-run --data @frame.bin --repeat 1000000 --json filters/*.o"
    })
final class TestRunCommand extends Verb {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "HEX|@FILE",
      description = "The frame: hex digits, or a file that holds its bytes.")
  private String data;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to run each program; 1 unless given.")
  private int repeat;

  @Option(
      names = "--as",
      paramLabel = "xdp",
      description = "Take programs of any section for XDP programs.")
  private As as;

  @Option(
      names = "--interpret",
      description = "Run in the checked interpreter instead of compiled code.")
  private boolean interpret;

  @Option(
      names = "--map",
      paramLabel = "NAME=ENTRY",
      description = "Fill a map or set a global variable first; see: xdp4j replay --help")
  private List<String> maps = List.of();

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description =
          "Write what the programs say, one after the other, a JSON object a line: ring buffers'"
              + " records, perf events, bpf_printk. - is standard output.")
  private String events;

  @Option(
      names = "--event-type",
      paramLabel = "MAP=TYPE",
      description = "With --events: the type that a map's records begin with, to show its fields.")
  private List<String> eventTypes = List.of();

  @Option(names = MaxEntries.OPTION, paramLabel = "MAP=N", description = MaxEntries.DESCRIPTION)
  private List<String> maxEntries;

  @Option(names = MapMemory.OPTION, paramLabel = "SIZE", description = MapMemory.DESCRIPTION)
  private String mapMemory;

  @Option(
      names = KernelFacts.KCONFIG,
      paramLabel = "FILE",
      description = KernelFacts.KCONFIG_DESCRIPTION)
  private Path kconfig;

  @Option(names = KernelFacts.BTF, paramLabel = "FILE", description = KernelFacts.BTF_DESCRIPTION)
  private Path btf;

  @Parameters(
      arity = "1..*",
      paramLabel = "OBJ[:NAME]",
      description = "Object files, for all XDP programs in them, or one of them by name.")
  private List<String> objects;

  private byte[] frame;
  private MaxEntries sizes;
  private KernelFacts kernel;

  /** Gets what programs say; null for nobody. */
  private EventWriter writer;

  private int status;

  TestRunCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    if (repeat < 1) {
      throw CliException.unusable("--repeat is 1 or more, not " + repeat);
    }
    frame = FrameData.read(data);
    status = ExitStatus.OK;
    MapOptions fillings = MapOptions.parse(maps);
    sizes = MaxEntries.parse(maxEntries);
    MapMemory.parse(mapMemory);
    kernel = KernelFacts.read(kconfig, btf);
    try (EventWriter opened = openEvents()) {
      writer = opened;
      for (String text : objects) {
        run(text, fillings);
      }
    } catch (IOException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
    return status;
  }

  private EventWriter openEvents() throws CliException {
    if (events == null) {
      if (!eventTypes.isEmpty()) {
        throw CliException.unusable("--event-type has a meaning with --events only");
      }
      return null;
    }
    Path into = Path.of(events).toAbsolutePath().normalize();
    List<BpfObject> known = new ArrayList<>();
    for (String text : objects) {
      if (ObjectFile.parse(text).file().toAbsolutePath().normalize().equals(into)) {
        throw CliException.unusable(
            events + ": is the object file to be run, and would be overwritten");
      }
      readable(text).ifPresent(known::add);
    }
    return EventWriter.open(console, events, known, eventTypes);
  }

  /** One that cannot be read is complained of when its turn comes. */
  private Optional<BpfObject> readable(String text) {
    try {
      return Optional.of(ObjectFile.read(ObjectFile.parse(text).file(), kernel));
    } catch (CliException e) {
      return Optional.empty();
    }
  }

  private void run(String text, MapOptions fillings) {
    try {
      ObjectFile file = ObjectFile.parse(text);
      BpfObject object = fillings.prepare(sizes.applyTo(ObjectFile.read(file.file(), kernel)));
      if (file.program() != null) {
        run(object, file.choose(object, as == As.XDP), fillings);
        return;
      }
      List<BpfProgram> programs =
          object.programs().stream()
              .filter(p -> p.autoloads() && (as == As.XDP || p.type().isXdp()))
              .toList();
      if (programs.isEmpty()) {
        file.choose(object, as == As.XDP);
      }
      for (BpfProgram program : programs) {
        run(object, program, fillings);
      }
    } catch (CliException e) {
      status = ExitStatus.UNUSABLE;
      if (json) {
        Json.line(console.out(), generator -> writeError(generator, text, null, e.getMessage()));
      }
      console.complain(e.getMessage());
    }
  }

  private void run(BpfObject object, BpfProgram program, MapOptions fillings) {
    try {
      Set<String> names = new LinkedHashSet<>(fillings.programs(object));
      names.add(program.name());
      LoadOptions all =
          new LoadOptions(1, interpret, as == As.XDP, names)
              .within(MapMemory.parse(mapMemory))
              .making(fillings.inner(object));
      run(object, program, fillings, all);
    } catch (LoadException | CliException e) {
      fail(object, program, e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      // A fault of ours in one program must not hide the others' results.
      fail(object, program, Sentences.ofInternal(e));
    }
  }

  private void run(BpfObject object, BpfProgram program, MapOptions fillings, LoadOptions options)
      throws LoadException, CliException {
    try (Region region = Regions.reserve(object.maps());
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      fillings.fill(object, loaded);
      XdpContext context = new XdpContext(region, 0);
      EventLog log = new EventLog(console, loaded.maps(), writer);
      context.events = log;
      XdpProgram run = loaded.program(program.name()).orElseThrow();
      TestRun.Result result = TestRun.run(run, context, frame, repeat);
      run.finishTimers(context);
      log.poll();
      print(loaded, program, result, log);
    }
  }

  private void fail(BpfObject object, BpfProgram program, String reason) {
    status = Math.max(status, ExitStatus.REFUSED);
    if (json) {
      Json.line(
          console.out(), generator -> writeError(generator, object.file(), program.name(), reason));
    } else {
      console.complain(reason);
    }
  }

  private void print(LoadedObject loaded, BpfProgram program, TestRun.Result result, EventLog log) {
    BpfObject object = loaded.object();
    MapsReport report = new MapsReport(console.out(), log);
    if (json) {
      Json.line(
          console.out(),
          generator -> {
            write(generator, object.file(), program.name(), result);
            Json.array(generator, "maps", array -> report.write(array, loaded));
          });
      return;
    }
    console.out().println(object.file() + ": " + program.name());
    new TextTable("ll")
        .row("returned", Integer.toUnsignedString(result.returnCode()) + ", " + action(result))
        .row("took", Units.figure(result.nanosPerRun()) + " ns a run")
        .row("frame", Units.counted(result.data().length, "byte") + changed(result))
        .print(console.out(), "  ");
    HexDump.print(console.out(), result.data(), "    ");
    report.print(loaded);
    if (report.hasAny(loaded)) {
      console.out().println();
    }
  }

  private String changed(TestRun.Result result) {
    return Arrays.equals(result.data(), frame) ? ", unchanged" : ", changed";
  }

  private static String action(TestRun.Result result) {
    boolean known = result.returnCode() == result.action().ordinal();
    return "XDP_" + result.action() + (known ? "" : " (the code is no action)");
  }

  private static void write(
      JsonGenerator generator, String object, String program, TestRun.Result result)
      throws IOException {
    generator.writeStringField("object", object);
    generator.writeStringField("program", program);
    generator.writeNumberField("retval", Integer.toUnsignedLong(result.returnCode()));
    generator.writeStringField("action", "XDP_" + result.action());
    generator.writeStringField("dataOut", HexFormat.of().formatHex(result.data()));
    generator.writeNumberField("sizeOut", result.data().length);
    generator.writeNumberField("nsPerRun", Math.round(result.nanosPerRun() * 100) / 100.0);
  }

  private static void writeError(
      JsonGenerator generator, String object, String program, String reason) throws IOException {
    generator.writeStringField("object", object);
    Json.string(generator, "program", program);
    generator.writeStringField("error", reason);
  }
}
