package org.xdp4j.testing;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says on the console which tests were skipped and why, which Surefire only counts. Found through
 * {@link java.util.ServiceLoader}.
 */
public final class SkippedTests implements TestExecutionListener {
  private final AtomicInteger skipped = new AtomicInteger();

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    report(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      report(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    if (skipped.get() > 0) {
      System.out.println("SKIPPED in all: " + skipped.get());
    }
  }

  private void report(TestIdentifier test, String reason) {
    skipped.incrementAndGet();
    String name = test.getSource().map(SkippedTests::nameOf).orElse(test.getDisplayName());
    System.out.println("SKIPPED " + name + ": " + reason);
  }

  private static String nameOf(TestSource source) {
    return switch (source) {
      case MethodSource method -> method.getClassName() + "." + method.getMethodName();
      case ClassSource type -> type.getClassName();
      default -> source.toString();
    };
  }
}
