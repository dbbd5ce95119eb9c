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
    Place place = note(new Place());
    place.old = array.held(slot);
    place.back =
        place.old == null
            ? () -> array.remove(key(slot))
            : () -> array.set(slot, place.old, BpfMap.ANY);
    return place.result(program.putInto(array, slot));
  }

  /** Puts an interface under a key, with a program or (null) without. */
  int put(DeviceMap devices, int key, int ifindex, XdpProgram program) {
    Place place = note(new Place());
    int before = devices.target(key);
    place.old = devices.held(key);
    place.back =
        before == 0
            ? () -> ((BpfMap) devices).remove(key(key))
            : () -> devices.set(key, before, place.old);
    return place.result(
        program == null ? devices.set(key, ifindex, null) : program.putInto(devices, key, ifindex));
  }

  /** Opens a worker as a target, with a program or (null) without. */
  int put(CpuMap cpus, int cpu, int queueSize, XdpProgram program) {
    Place place = note(new Place());
    int before = cpus.queueSize(cpu);
    place.old = cpus.held(cpu);
    place.back = before == 0 ? () -> cpus.remove(key(cpu)) : () -> cpus.set(cpu, before, place.old);
    return place.result(
        program == null ? cpus.set(cpu, queueSize, null) : program.putInto(cpus, cpu, queueSize));
  }

  /**
   * A place that gets something else. It is noted before anything is done, so that nothing is done,
   * or held, that is not noted when memory runs out.
   */
  private static final class Place {
    /** The program that was there, held; null for none. */
    private MapProgram old;

    /** Puts it back; null before anything is done. */
    private Runnable back;

    int result(int result) {
      if (result != 0) {
        back = null;
      }
      return result;
    }

    void takeBack() {
      if (back != null) {
        back.run();
      }
    }

    void letGo() {
      if (old != null) {
        old.release();
      }
    }
  }

  private Place note(Place place) {
    held.add(place::letGo);
    undo.add(place::takeBack);
    return place;
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
