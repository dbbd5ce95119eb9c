package org.xdp4j.engine.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.Pinned;

/** Interpreter, compiled code and kernel, on every frame of every capture. */
class FilterAgreementTest {
  private static final int CPU = 0;
  private static final int SHOWN = 10;

  private final List<String> differences = new ArrayList<>();
  private int frames;

  @Test
  void interpreterAndCompiledCodeAgreeOnEveryFrameAndMap() {
    for (FilterCase filter : FilterCase.all()) {
      try (OurMachine interpreted = OurMachine.load(filter, true);
          OurMachine compiled = OurMachine.load(filter, false)) {
        compare(filter, interpreted, compiled);
      }
    }
    report("interpreter and compiled code");
  }

  @Test
  void kernelAndCompiledCodeAgreeOnEveryFrameAndMap() throws Exception {
    KernelOracle.assumeAvailable();
    Pinned.run(CPU, this::compareWithKernel);
    report("kernel and compiled code");
  }

  private void compareWithKernel() {
    for (FilterCase filter : FilterCase.all()) {
      // The kernel's clock is its own: no window may end while a capture runs.
      FilterCase endless = filter.with("window_ns", Long.toString(Long.MAX_VALUE));
      try (OurMachine compiled = OurMachine.load(endless, false);
          KernelMachine kernel = new KernelMachine(endless, compiled, CPU)) {
        compare(endless, kernel, compiled);
      }
    }
  }

  /** One capture after the other: the maps keep what the captures before left in them. */
  private void compare(FilterCase filter, FilterMachine expected, FilterMachine actual) {
    for (Path capture : Repository.captures()) {
      compare(filter, capture, expected, actual);
    }
  }

  private void compare(
      FilterCase filter, Path capture, FilterMachine expected, FilterMachine actual) {
    String place = filter + " on " + capture.getFileName();
    int number = 0;
    for (CapturedFrame captured : CapturedFrame.readAll(capture)) {
      number++;
      frames++;
      // Captures follow one another in any order, but time must not go back.
      CapturedFrame frame = new CapturedFrame(captured.data(), frames);
      FilterMachine.Outcome wanted = expected.run(frame);
      FilterMachine.Outcome got = actual.run(frame);
      if (!wanted.agreesWith(got)) {
        differences.add(place + ", frame " + number + ": " + wanted + ", not " + got);
      }
    }
    compareMaps(place, expected.maps(), actual.maps());
  }

  private void compareMaps(
      String place,
      TreeMap<String, Map<Bytes, byte[]>> expected,
      TreeMap<String, Map<Bytes, byte[]>> actual) {
    actual.forEach(
        (name, entries) -> {
          Map<Bytes, byte[]> wanted = expected.get(name);
          if (!isComparable(name)) {
            return;
          }
          if (!wanted.keySet().equals(entries.keySet())) {
            differences.add(place + ": other keys in map " + name);
            return;
          }
          entries.forEach(
              (key, value) -> {
                if (!Arrays.equals(timeless(name, wanted.get(key)), timeless(name, value))) {
                  differences.add(place + ": other value in map " + name);
                }
              });
        });
  }

  /** Ports and programs are the kernel's own objects: it answers with its numbers for them. */
  private static boolean isComparable(String map) {
    return !map.equals("ports") && !map.equals("parts");
  }

  /** When a window began is the one value here that two clocks tell differently. */
  private static byte[] timeless(String map, byte[] value) {
    return map.equals("sources") ? Arrays.copyOfRange(value, Long.BYTES, value.length) : value;
  }

  private void report(String who) {
    System.out.printf(
        "%s: %d filters and settings on %d captures, %d frames in all: %d differences%n",
        who, FilterCase.all().size(), Repository.captures().size(), frames, differences.size());
    assertThat(differences.stream().limit(SHOWN)).isEmpty();
  }
}
