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
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayOptions;
import org.xdp4j.engine.ReplayResult;
import org.xdp4j.engine.capture.CaptureReader;
import picocli.CommandLine.Model.CommandSpec;

/** {@code xdp4j replay}: a program over every frame of captures. */
final class ReplayCommand extends Verb {

  private final ReplayArguments given = new ReplayArguments();

  ReplayCommand(Console console) {
    super(console);
  }

  @Override
  CommandSpec spec() {
    return given.addTo(declare(ReplayArguments.DESCRIPTION, ReplayArguments.EXAMPLES));
  }

  @Override
  public Integer call() throws CliException {
    check();
    for (String program : given.programs()) {
      refuseToOverwrite(ObjectFile.parse(program).file());
    }
    List<RunningPrograms.Part> parts =
        RunningPrograms.read(
            given.programs(),
            given.asXdp(),
            given.maps(),
            given.maxEntries(),
            given.runConfigs(),
            given.attachments(),
            given.kernel());
    LoadOptions options =
        new LoadOptions(given.workers(), given.interpret(), given.asXdp(), Set.of())
            .within(given.mapBudget());
    try (Region region = region(parts);
        RunningPrograms programs = RunningPrograms.load(parts, region, options)) {
      return run(programs, region);
    } catch (LoadException e) {
      throw CliException.refused(e.getMessage(), e);
    }
  }

  private Region region(List<RunningPrograms.Part> parts) {
    boolean framesStay =
        parts.size() == 1
            && given.workers() == 1
            && !XdpProgram.mayMoveFrame(parts.getFirst().program());
    return framesStay ? Regions.reserve(parts.getFirst().object().maps()) : Regions.reserve();
  }

  private void check() throws CliException {
    int workers = given.workers();
    if (workers < 1 || workers > ReplayOptions.MAX_WORKERS) {
      throw CliException.unusable(
          "--workers is 1 to " + ReplayOptions.MAX_WORKERS + ", not " + workers);
    }
    if (given.repeat() < 1) {
      throw CliException.unusable("--repeat is 1 or more, not " + given.repeat());
    }
    for (Path capture : given.captures()) {
      boolean standardInput = capture.toString().equals(CaptureReader.STDIN);
      if (standardInput && given.repeat() > 1) {
        throw CliException.unusable("standard input can be replayed only once, not with --repeat");
      }
      if (!standardInput && !Files.exists(capture)) {
        throw CliException.unusable(capture + ": there is no such file");
      }
    }
  }

  /** The engine looks after captures and its own outputs; the other files only we know. */
  private void refuseToOverwrite(Path object) throws CliException {
    Path events = given.events() == null ? null : Path.of(given.events());
    for (Path output : new Path[] {given.out(), given.dropped(), events}) {
      try {
        if (output != null && Files.exists(output) && Files.isSameFile(output, object)) {
          throw CliException.unusable(
              output + ": is the object file to be run, and would be overwritten");
        }
      } catch (IOException e) {
        throw CliException.unusable(Sentences.of(object.toString(), "read", e), e);
      }
    }
    if (events != null) {
      for (Path capture : given.captures()) {
        refuseSame(events, capture, "is a capture to be replayed, and would be overwritten");
      }
      refuseSame(events, given.out(), "cannot take both frames and events");
      refuseSame(events, given.dropped(), "cannot take both frames and events");
    }
  }

  private static void refuseSame(Path output, Path other, String reason) throws CliException {
    if (other != null
        && output.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize())) {
      throw CliException.unusable(output + ": " + reason);
    }
  }

  private int run(RunningPrograms programs, Region region) throws CliException {
    try (EventWriter writer = events(programs)) {
      EventLog events = new EventLog(console, programs.maps(), writer);
      ReplayResult result = run(programs.program(), region, events);
      ReplayReport report = new ReplayReport(console, programs, given.options(), result, events);
      if (json) {
        report.write();
      } else {
        report.print();
      }
      return complaints(result);
    } catch (IOException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
  }

  private ReplayResult run(XdpProgram xdp, Region region, EventLog events) throws CliException {
    boolean inTurn = given.workers() == 1 && events.hasRings();
    try (Replay replay =
        inTurn
            ? Replay.open(xdp, region, given.options(), events, events::poll)
            : Replay.open(xdp, region, given.options(), events)) {
      return run(replay, inTurn ? events::poll : events.drain()::close);
    } catch (FileSystemException e) {
      throw CliException.unusable(Sentences.of(String.valueOf(e.getFile()), "opened", e), e);
    } catch (IOException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
  }

  /** Where events are written, or null. */
  private EventWriter events(RunningPrograms programs) throws CliException {
    if (given.events() != null) {
      List<BpfObject> objects = programs.objects().stream().map(LoadedObject::object).toList();
      return EventWriter.open(console, given.events(), objects, given.eventTypes());
    }
    if (!given.eventTypes().isEmpty()) {
      throw CliException.unusable("--event-type has a meaning with --events only");
    }
    return null;
  }

  private ReplayResult run(Replay replay, Runnable takeRest) {
    Interruption interruption = Interruption.stopping(replay);
    ProgressDisplay progress = ProgressDisplay.of(console, replay);
    try {
      return replay.run();
    } finally {
      progress.close();
      interruption.close();
      takeRest.run();
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
