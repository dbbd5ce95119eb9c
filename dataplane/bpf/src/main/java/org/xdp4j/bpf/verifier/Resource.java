package org.xdp4j.bpf.verifier;

/** What a path can have acquired and has to give back before it ends. */
enum Resource {
  /** A record of a ring buffer. */
  RECORD("the record that instruction %d reserved: submit or discard it"),
  /** An iterator. */
  ITERATOR("the iterator that instruction %d made: destroy it"),
  /** Interrupts, which were disabled. */
  INTERRUPTS("the interrupts that instruction %d disabled: restore them"),
  /** A socket. */
  SOCKET("the socket that instruction %d found: call bpf_sk_release with it"),
  /** An object of a kernel. */
  KERNEL_OBJECT("the kernel's object that instruction %d found: give it back"),
  /** An allocated object. */
  OBJECT("the object that instruction %d made the program's: drop it or give it away"),
  /** A lock that is refused rather than waited for without an end. */
  RES_LOCK("the lock that instruction %d took: release it"),
  /** The same, taken together with disabling interrupts. */
  RES_LOCK_IRQ("the lock that instruction %d took: release it with its interrupt flag"),
  /** A lock. */
  LOCK("the lock that instruction %d took: release it");

  private final String text;

  Resource(String text) {
    this.text = text;
  }

  /** Whether it is a lock. */
  boolean isLock() {
    return this == LOCK || this == RES_LOCK || this == RES_LOCK_IRQ;
  }

  /** Whether it forbids something while it is held, and is not only to be given back. */
  boolean isSection() {
    return isLock() || this == INTERRUPTS;
  }

  /** What is to be done with the one that {@code instruction} acquired, on every path. */
  String advice(int instruction) {
    return text.formatted(instruction) + " on every path";
  }
}
