package org.xdp4j.bench;

/** What a figure counts, and whether less of it is better. */
enum Unit {
  NANOS_A_FRAME("ns/frame", true),
  NANOS_A_RECORD("ns/record", true),
  NANOS_A_CALL("ns/call", true),
  MILLIS("ms", true),
  SECONDS("s", true),
  MILLION_FRAMES_A_SECOND("Mpps", false),
  GIGABITS_A_SECOND("Gbit/s", false);

  private final String symbol;
  private final boolean lessIsBetter;

  Unit(String symbol, boolean lessIsBetter) {
    this.symbol = symbol;
    this.lessIsBetter = lessIsBetter;
  }

  String symbol() {
    return symbol;
  }

  boolean lessIsBetter() {
    return lessIsBetter;
  }

  /** Whether a ratio of ours to a peer's reaches what we want it to be. */
  boolean reaches(double ratio, double bar) {
    return lessIsBetter ? ratio <= bar : ratio >= bar;
  }
}
