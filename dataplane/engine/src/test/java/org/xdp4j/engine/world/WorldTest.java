package org.xdp4j.engine.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.Pinned;

/**
 * Every object of a folder, here and in the kernel: {@code -Dxdp4j.world=FOLDER}. To be run in a
 * network namespace of its own ({@code unshare -n}), where no route is.
 */
class WorldTest {
  private static final String FOLDER = System.getProperty("xdp4j.world", "");

  private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

  private static final int SHOWN = 4;

  private final Map<String, Integer> verdicts = new TreeMap<>();
  private final List<String> differences = new ArrayList<>();
  private Btf kernel = Btf.EMPTY;
  private int objects;
  private int unread;
  private int accepted;
  private int refused;
  private long runs;

  @Test
  void objectsOfTheWorldRunAsInLinux() throws Exception {
    Assumptions.assumeFalse(
        FOLDER.isEmpty(), "a campaign: -Dxdp4j.world=FOLDER names a folder of object files");
    BpfTool.assume();
    if (Files.exists(KERNEL_TYPES)) {
      kernel = TargetBtf.read(KERNEL_TYPES);
    }
    List<Path> files;
    try (Stream<Path> found = Files.walk(Path.of(FOLDER), FileVisitOption.FOLLOW_LINKS)) {
      files = found.filter(f -> f.toString().endsWith(".o")).sorted().toList();
    }
    List<byte[]> frames = WorldFrames.all();
    Pinned.run(Comparison.CPU, () -> files.forEach(file -> compare(file, frames)));
    System.out.printf(
        "programs of the world: %d objects, %d not read here; %d programs accepted and %d refused"
            + " by both; %d runs %s; %d differences%n",
        objects, unread, accepted, refused, runs, verdicts, differences.size());
    assertThat(differences.stream().limit(SHOWN)).isEmpty();
  }

  private void compare(Path file, List<byte[]> frames) {
    objects++;
    try {
      BpfObject object = sized(ObjectReader.read(file, Kconfig.DEFAULT, kernel));
      Comparison comparison = new Comparison(file, object, frames);
      comparison.compare();
      comparison.remarks().forEach(remark -> System.out.println(file + ": " + remark));
      List<String> found = comparison.differences();
      found.stream().limit(SHOWN).forEach(difference -> differ(file, difference));
      if (found.size() > SHOWN) {
        differ(file, "and " + (found.size() - SHOWN) + " more");
      }
      comparison.verdicts().forEach((verdict, n) -> verdicts.merge(verdict, n, Integer::sum));
      accepted += comparison.accepted();
      refused += comparison.refused();
      runs += comparison.runs();
    } catch (ObjectException e) {
      unread++;
      unread(file, e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      differ(file, "fault of this test: " + e);
      e.printStackTrace(System.out);
    }
  }

  /** With sizes for maps whose size the object leaves to its loader, as many as there are CPUs. */
  private static BpfObject sized(BpfObject object) {
    BpfObject sized = object;
    for (MapSpec map : object.maps()) {
      if (map.maxEntries() == 0) {
        sized = sized.withMap(map.withMaxEntries(KernelOracle.possibleCpus()));
      }
    }
    return sized;
  }

  private void unread(Path file, String reason) {
    try {
      BpfTool.loadAsNamed(file).close();
      differ(file, "only libbpf reads it: " + reason);
    } catch (IOException e) {
      System.out.println(file + ": read by nobody: " + reason);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void differ(Path file, String difference) {
    differences.add(file + ": " + difference);
    System.out.println("DIFFERENCE " + file + ": " + difference);
  }
}
