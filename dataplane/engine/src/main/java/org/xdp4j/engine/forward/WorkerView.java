package org.xdp4j.engine.forward;

/**
 * A worker as it is now.
 *
 * @param number from 0; the number of its CPU to programs
 * @param active whether frames come to it; else it is one that a plan before had, and has at the
 *     most what it still had
 * @param boundCpu the CPU it is bound to, or -1
 * @param received frames its queues and rings gave it
 * @param rounds passes over its queues and rings
 * @param busyRounds those that found something to do
 * @param busyNanos time spent in those
 * @param nanos time since it began
 * @param frames frames of its pool
 * @param framesOut those that are out now
 * @param waiting frames in rings on their way to it
 * @param held packets that wait for a neighbour
 * @param failure what ended it before its time, or null
 */
public record WorkerView(
    int number,
    boolean active,
    int boundCpu,
    long received,
    long rounds,
    long busyRounds,
    long busyNanos,
    long nanos,
    int frames,
    int framesOut,
    int waiting,
    long held,
    Throwable failure) {
  /** The share of its time in which it had something to do, 0 to 1, since it began. */
  public double utilisation() {
    return nanos == 0 ? 0 : (double) busyNanos / nanos;
  }
}
