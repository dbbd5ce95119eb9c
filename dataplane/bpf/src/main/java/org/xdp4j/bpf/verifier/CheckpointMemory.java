package org.xdp4j.bpf.verifier;

/**
 * About how much memory checkpoints take. One is counted until no path is compared with it any more
 * and none goes back to it.
 */
final class CheckpointMemory {
  private long used;
  private boolean wasFull;

  /** About how many bytes a copy of {@code state} made now takes that no other state shares. */
  static int bytesOf(VerifierState state) {
    int bytes = 160;
    for (int f = 0; f < state.depth; f++) {
      bytes += state.frames[f].bytes();
    }
    return bytes;
  }

  /** Whether there is room for another: {@link VerifierLimits#CHECKPOINT_BYTES}. */
  boolean hasRoom() {
    boolean room = used < VerifierLimits.CHECKPOINT_BYTES;
    wasFull |= !room;
    return room;
  }

  /** Whether there was no room for one. */
  boolean wasFull() {
    return wasFull;
  }

  /** All are gone. */
  void clear() {
    used = 0;
  }

  void keep(VerifierState checkpoint, int bytes) {
    checkpoint.bytes = bytes;
    used += bytes;
  }

  /** No path is compared with {@code checkpoint} any more. */
  void forget(VerifierState checkpoint) {
    checkpoint.isForgotten = true;
    release(checkpoint);
  }

  /** The last path behind {@code checkpoint} was followed. */
  void finish(VerifierState checkpoint) {
    release(checkpoint);
  }

  private void release(VerifierState checkpoint) {
    if (checkpoint.isForgotten && checkpoint.branches == 0) {
      used -= checkpoint.bytes;
      checkpoint.bytes = 0;
    }
  }
}
