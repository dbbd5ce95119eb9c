package org.xdp4j.bpf;

/** {@code enum xdp_action} (linux/bpf.h). */
public enum XdpAction {
  ABORTED,
  DROP,
  PASS,
  TX,
  REDIRECT;

  private static final XdpAction[] ACTIONS = values();

  /**
   * What Linux does with a program's return code: an unknown one is treated as ABORTED
   * (net/core/dev.c).
   */
  public static XdpAction of(int returnCode) {
    return returnCode >= 0 && returnCode < ACTIONS.length ? ACTIONS[returnCode] : ABORTED;
  }
}
