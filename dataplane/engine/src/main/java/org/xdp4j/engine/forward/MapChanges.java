package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.ProgramArrayMap;

/**
 * What a plan has written into maps that are in use: taken back when the plan is refused after all.
 * Until that is known, programs and maps that were in places that others have now are held for it.
 * Used by the control.
 */
final class MapChanges {
  private final List<Runnable> undo = new ArrayList<>();
  private final List<Runnable> held = new ArrayList<>();

  /** Notes how to take something back that was done just now. */
  void add(Runnable takeBack) {
    undo.add(takeBack);
  }

  /** Notes how to let go what is held so that it can be put back. */
  void hold(Runnable letGo) {
    held.add(letGo);
  }

  /** Whether anything was written. */
  boolean isEmpty() {
    return undo.isEmpty();
  }

  /** Puts a program into a slot, as {@link XdpProgram#putInto}. */
  int put(ProgramArrayMap array, int slot, XdpProgram program) {
    MapProgram old = array.held(slot);
    int result = program.putInto(array, slot);
    return noted(
        result,
        old,
        old == null ? () -> array.remove(key(slot)) : () -> array.set(slot, old, BpfMap.ANY));
  }

  /** Puts an interface under a key, with a program or (null) without. */
  int put(DeviceMap devices, int key, int ifindex, XdpProgram program) {
    int before = devices.target(key);
    MapProgram old = devices.held(key);
    int result =
        program == null ? devices.set(key, ifindex, null) : program.putInto(devices, key, ifindex);
    return noted(
        result,
        old,
        before == 0
            ? () -> ((BpfMap) devices).remove(key(key))
            : () -> devices.set(key, before, old));
  }

  /** Opens a worker as a target, with a program or (null) without. */
  int put(CpuMap cpus, int cpu, int queueSize, XdpProgram program) {
    int before = cpus.queueSize(cpu);
    MapProgram old = cpus.held(cpu);
    int result =
        program == null ? cpus.set(cpu, queueSize, null) : program.putInto(cpus, cpu, queueSize);
    return noted(
        result, old, before == 0 ? () -> cpus.remove(key(cpu)) : () -> cpus.set(cpu, before, old));
  }

  private int noted(int result, MapProgram old, Runnable takeBack) {
    if (result == 0) {
      undo.add(takeBack);
    }
    if (old != null) {
      held.add(old::release);
    }
    return result;
  }

  /**
   * All is as it was before, as far as it can be put back.
   *
   * @param why gets what was thrown meanwhile
   */
  void takeBack(Throwable why) {
    undo.reversed().forEach(each -> attempt(each, why));
    held.forEach(each -> attempt(each, why));
    undo.clear();
    held.clear();
  }

  /** Does a step that others follow whatever it throws, which {@code why} gets. */
  static void attempt(Runnable step, Throwable why) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      if (e != why) {
        why.addSuppressed(e);
      }
    }
  }

  /** All stays as it is. */
  void settle() {
    held.forEach(Runnable::run);
    held.clear();
  }

  private static byte[] key(int number) {
    byte[] key = new byte[Integer.BYTES];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (number >>> 8 * i);
    }
    return key;
  }
}
