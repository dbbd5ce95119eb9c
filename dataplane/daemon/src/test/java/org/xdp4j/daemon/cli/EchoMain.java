package org.xdp4j.daemon.cli;

/** What the launcher starts in its test: prints its arguments, each in brackets. */
public final class EchoMain {
  private EchoMain() {}

  /** Prints. */
  public static void main(String[] arguments) {
    for (String argument : arguments) {
      System.out.println("[" + argument + "]");
    }
    System.exit(arguments.length);
  }
}
