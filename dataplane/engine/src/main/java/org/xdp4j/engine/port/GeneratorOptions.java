package org.xdp4j.engine.port;

import org.xdp4j.net.wire.MacAddress;

/**
 * What a {@link GeneratorPort} makes: UDP over IPv4. Flow {@code f} is from {@link #source} + f,
 * port 1024 + f mod 60,000, to {@link #destination} + f mod {@link #destinations}, port {@link
 * #port}.
 *
 * @param frames how many in all
 * @param pace how fast
 * @param sizes how long they are
 * @param flows how many flows, 1 to 2^24
 * @param order which flow comes next
 * @param seed of all that is random: the same seed makes the same frames
 * @param sourceMac as {@link MacAddress} has it
 * @param destinationMac as {@link MacAddress} has it
 * @param source the first source address
 * @param destination the first destination address
 * @param destinations how many destination addresses, 1 or more
 * @param port the destination port
 */
public record GeneratorOptions(
    long frames,
    Pace pace,
    FrameSizes sizes,
    int flows,
    FlowOrder order,
    long seed,
    long sourceMac,
    long destinationMac,
    int source,
    int destination,
    int destinations,
    int port) {
  /** Which flow the next frame is of. */
  public enum FlowOrder {
    /** One after the other. */
    IN_TURN,
    /** Any, all equally likely. */
    UNIFORM,
    /** Flow {@code f} is 1 / (f + 1) as likely as the first: few make most of the traffic. */
    ZIPF
  }

  /** Checks the numbers. */
  public GeneratorOptions {
    if (frames < 0 || flows < 1 || flows > 1 << 24 || destinations < 1) {
      throw new IllegalArgumentException(
          "no "
              + frames
              + " frames of "
              + flows
              + " flows to "
              + destinations
              + " addresses can be made");
    }
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("there is no UDP port " + port);
    }
    if (pace instanceof Pace.Timestamps) {
      throw new IllegalArgumentException("frames that are made have no timestamps to go by");
    }
  }

  /**
   * So many frames of one length and flow after flow, as fast as they are taken, from 10.0.0.0 to
   * 192.168.0.1, port 53.
   */
  public static GeneratorOptions of(long frames, int length, int flows) {
    return new GeneratorOptions(
        frames,
        new Pace.Unlimited(),
        new FrameSizes.Fixed(length),
        flows,
        FlowOrder.IN_TURN,
        1,
        0x02_0000_0000_02L,
        0x02_0000_0000_01L,
        0x0a00_0000,
        0xc0a8_0001,
        1,
        53);
  }

  /** The same at another pace. */
  public GeneratorOptions withPace(Pace other) {
    return new GeneratorOptions(
        frames,
        other,
        sizes,
        flows,
        order,
        seed,
        sourceMac,
        destinationMac,
        source,
        destination,
        destinations,
        port);
  }

  /** The same with frames of other sizes. */
  public GeneratorOptions withSizes(FrameSizes other) {
    return new GeneratorOptions(
        frames,
        pace,
        other,
        flows,
        order,
        seed,
        sourceMac,
        destinationMac,
        source,
        destination,
        destinations,
        port);
  }

  /** The same with flows in another order, and another seed. */
  public GeneratorOptions withOrder(FlowOrder other, long otherSeed) {
    return new GeneratorOptions(
        frames,
        pace,
        sizes,
        flows,
        other,
        otherSeed,
        sourceMac,
        destinationMac,
        source,
        destination,
        destinations,
        port);
  }

  /** The same between other hardware addresses. */
  public GeneratorOptions withMacs(long from, long to) {
    return new GeneratorOptions(
        frames, pace, sizes, flows, order, seed, from, to, source, destination, destinations, port);
  }

  /** The same between other addresses. */
  public GeneratorOptions withAddresses(int from, int to, int many) {
    return new GeneratorOptions(
        frames, pace, sizes, flows, order, seed, sourceMac, destinationMac, from, to, many, port);
  }
}
