package org.xdp4j.engine.plan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.xdp4j.engine.port.GeneratorOptions;
import org.xdp4j.engine.port.Pace;

/** A port: where frames come from and go to. */
public sealed interface PortPlan {
  /** What ports of every kind have. */
  PortSettings settings();

  /** Its name. */
  default String name() {
    return settings().name();
  }

  /**
   * A tap: an interface of this system whose other end is here.
   *
   * @param device the interface's name; made when it is not there. Here and in other kinds, {@code
   *     NAMESPACE/DEVICE} for one in another network namespace, as {@code ip netns} knows it
   * @param offload whether segments and unfinished checksums are taken and given (IFF_VNET_HDR)
   * @param queueLength frames that can wait in the interface for each queue of the port; 0 to leave
   *     it as it is
   */
  record Tap(PortSettings settings, String device, boolean offload, int queueLength)
      implements PortPlan {}

  /**
   * An interface of this system, through libpcap.
   *
   * @param filter a tcpdump expression: only frames it fits come in; empty for all
   * @param promiscuous whether frames to other stations come in too
   */
  record Live(PortSettings settings, String device, String filter, boolean promiscuous)
      implements PortPlan {}

  /** An interface of this system, through rings of AF_PACKET. */
  record PacketRing(PortSettings settings, String device) implements PortPlan {}

  /** An interface of this system, through AF_XDP. */
  record AfXdp(PortSettings settings, String device) implements PortPlan {}

  /**
   * Captures whose frames come in.
   *
   * @param files read one after the other
   * @param pace how fast
   * @param repeat how often, 1 or more
   */
  record CaptureInput(PortSettings settings, List<Path> files, Pace pace, long repeat)
      implements PortPlan {
    /** Takes a copy of the list. */
    public CaptureInput {
      files = List.copyOf(files);
    }
  }

  /**
   * A capture that frames go to.
   *
   * @param rotateBytes a new file is begun when this one has so many; 0 for never
   * @param rotateAfter a new file is begun when this one is so old; null for never
   * @param keep files that are kept; 0 for all
   */
  record CaptureOutput(
      PortSettings settings, Path file, long rotateBytes, Duration rotateAfter, int keep)
      implements PortPlan {}

  /**
   * Makes frames.
   *
   * @param options what it makes, how many and how fast
   */
  record Generator(PortSettings settings, GeneratorOptions options) implements PortPlan {}

  /** Nothing comes in, and what goes out is gone. */
  record Null(PortSettings settings) implements PortPlan {}

  /**
   * One end of a wire inside this process. Both ends name each other.
   *
   * @param peer the port that is the other end
   * @param capacity frames that can be on the wire, each way and queue
   */
  record Loopback(PortSettings settings, String peer, int capacity) implements PortPlan {}

  /**
   * Another port with faults between it and us. Only this port's settings count.
   *
   * @param inner the port behind
   * @param faults what goes wrong
   */
  record Fault(PortSettings settings, PortPlan inner, Faults faults) implements PortPlan {}

  /** A port that the embedding program makes; the same maker means the same port. */
  record Custom(PortSettings settings, PortMaker maker) implements PortPlan {}

  /**
   * What goes wrong, each a probability from 0 to 1 a frame and direction.
   *
   * @param delay how long each frame takes longer
   * @param jitter how much of that is by chance
   * @param seed of the chance: the same seed, the same faults
   */
  record Faults(
      double loss,
      double duplicate,
      double reorder,
      double corrupt,
      Duration delay,
      Duration jitter,
      long seed) {}
}
