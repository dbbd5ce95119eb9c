package org.xdp4j.engine.plan;

import java.time.Duration;

/**
 * What is set aside at the start, and what may grow.
 *
 * @param frames frames of each worker's pool
 * @param ring frames that can wait on the way from one worker to another
 * @param regionBytes address space for maps and frames; only what is used becomes memory
 * @param hopLimit TTL and hop limit of packets made here
 * @param icmpRate ICMP errors a second and worker
 * @param icmpBurst ICMP errors at once
 * @param neighbors entries of the neighbour table
 * @param heldPerNeighbor packets that wait for one neighbour
 * @param held packets that wait in all, a worker
 * @param warmUp how long programs that take over may be run on trial before, all together
 * @param mapBytes what the maps of all programs may take together; {@link Long#MAX_VALUE} for as
 *     much as there is
 */
public record LimitPlan(
    int frames,
    int ring,
    long regionBytes,
    int hopLimit,
    int icmpRate,
    int icmpBurst,
    int neighbors,
    int heldPerNeighbor,
    int held,
    Duration warmUp,
    long mapBytes) {
  /** Checks the numbers. */
  public LimitPlan {
    require(frames >= 64, "a worker has at least 64 frames, not " + frames);
    require(ring >= 2, "a ring holds at least 2 frames, not " + ring);
    require(regionBytes >= 1 << 20, "the region has at least 1 MiB, not " + regionBytes + " bytes");
    require(hopLimit >= 1 && hopLimit <= 255, "a hop limit is 1 to 255, not " + hopLimit);
    require(icmpRate >= 1 && icmpBurst >= 1, "rate and burst of ICMP errors are at least 1");
    require(neighbors >= 4, "there are at least 4 neighbours, not " + neighbors);
    require(!warmUp.isNegative(), "programs are warmed up for 0 or longer, not " + warmUp);
    require(mapBytes >= 0, "maps take 0 bytes or more, not " + mapBytes);
    require(heldPerNeighbor >= 1 && held >= 1, "at least 1 packet can wait for a neighbour");
  }

  /** One that warms programs up for half a second, and whose maps have no limit of their own. */
  public LimitPlan(
      int frames,
      int ring,
      long regionBytes,
      int hopLimit,
      int icmpRate,
      int icmpBurst,
      int neighbors,
      int heldPerNeighbor,
      int held) {
    this(
        frames,
        ring,
        regionBytes,
        hopLimit,
        icmpRate,
        icmpBurst,
        neighbors,
        heldPerNeighbor,
        held,
        Duration.ofMillis(500),
        Long.MAX_VALUE);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** 4,096 frames a worker, 64 GiB of address space, and what RFCs and Linux have by default. */
  public static LimitPlan defaults() {
    return new LimitPlan(4096, 1024, 1L << 36, 64, 1000, 100, 16_384, 64, 1024);
  }

  /** The same but for the frames of a worker's pool. */
  public LimitPlan withFrames(int fresh) {
    Draft draft = new Draft(this);
    draft.frames = fresh;
    return draft.plan();
  }

  /** The same but for the frames of a ring. */
  public LimitPlan withRing(int fresh) {
    Draft draft = new Draft(this);
    draft.ring = fresh;
    return draft.plan();
  }

  /** The same but for its address space. */
  public LimitPlan withRegionBytes(long fresh) {
    Draft draft = new Draft(this);
    draft.regionBytes = fresh;
    return draft.plan();
  }

  /** The same but for the entries of the neighbour table. */
  public LimitPlan withNeighbors(int fresh) {
    Draft draft = new Draft(this);
    draft.neighbors = fresh;
    return draft.plan();
  }

  /** The same but for the time programs are run on trial. */
  public LimitPlan withWarmUp(Duration fresh) {
    Draft draft = new Draft(this);
    draft.warmUp = fresh;
    return draft.plan();
  }

  /** The same but for what maps may take together. */
  public LimitPlan withMapBytes(long fresh) {
    Draft draft = new Draft(this);
    draft.mapBytes = fresh;
    return draft.plan();
  }

  /** A plan while one part of it changes. */
  private static final class Draft {
    private int frames;
    private int ring;
    private long regionBytes;
    private int hopLimit;
    private int icmpRate;
    private int icmpBurst;
    private int neighbors;
    private int heldPerNeighbor;
    private int held;
    private Duration warmUp;
    private long mapBytes;

    Draft(LimitPlan from) {
      frames = from.frames;
      ring = from.ring;
      regionBytes = from.regionBytes;
      hopLimit = from.hopLimit;
      icmpRate = from.icmpRate;
      icmpBurst = from.icmpBurst;
      neighbors = from.neighbors;
      heldPerNeighbor = from.heldPerNeighbor;
      held = from.held;
      warmUp = from.warmUp;
      mapBytes = from.mapBytes;
    }

    LimitPlan plan() {
      return new LimitPlan(
          frames,
          ring,
          regionBytes,
          hopLimit,
          icmpRate,
          icmpBurst,
          neighbors,
          heldPerNeighbor,
          held,
          warmUp,
          mapBytes);
    }
  }
}
