package org.xdp4j.daemon.service;

import java.util.concurrent.CountDownLatch;

/** A process that gives up its privileges, and shows what each of its threads has then. */
final class PrivilegesMain {
  private PrivilegesMain() {}

  public static void main(String[] arguments) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 4; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    Account account = arguments.length == 0 ? null : Account.find(arguments[0]).orElseThrow();
    System.out.println(Privileges.drop(account));
    for (int thread : ThreadCall.threads()) {
      System.out.println(
          "thread "
              + String.join(
                  " ",
                  ThreadCall.status(thread, "Uid").split("\\s+")[0],
                  ThreadCall.status(thread, "CapPrm"),
                  ThreadCall.status(thread, "CapEff"),
                  ThreadCall.status(thread, "NoNewPrivs")));
    }
  }
}
