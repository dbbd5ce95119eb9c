package org.xdp4j.daemon.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Hosts of the kernel reach each other through the daemon, as each lab's checks want it. */
class LabTest {
  private static final Pattern BALANCE =
      Pattern.compile(
          "([0-9,]+) received \\+ ([0-9,]+) generated = ([0-9,]+) transmitted \\+ ([0-9,]+) punted"
              + " \\+ ([0-9,]+) delivered \\+ ([0-9,]+) dropped");

  @TempDir private Path directory;

  @TestFactory
  List<DynamicTest> router() throws Exception {
    return checks("router");
  }

  @TestFactory
  List<DynamicTest> bridge() throws Exception {
    return checks("bridge");
  }

  @TestFactory
  List<DynamicTest> nat() throws Exception {
    return checks("nat");
  }

  @TestFactory
  List<DynamicTest> filter() throws Exception {
    return checks("filter");
  }

  @TestFactory
  List<DynamicTest> l4lb() throws Exception {
    return checks("l4lb");
  }

  @TestFactory
  List<DynamicTest> veth() throws Exception {
    return checks("veth");
  }

  @Test
  void theStatusIsTheCommandsAndNothingStays() throws Exception {
    Lab.assumePossible();
    Lab lab = Lab.run(directory, "bridge", "sh", "-c", "ip netns exec b true; exit 7");
    assertThat(lab.err()).isEmpty();
    assertThat(lab.status()).isEqualTo(7);
    assertBalanced(lab);
    assertThat(Lab.run(directory, "no-such", "true").err())
        .startsWith("lab: there is no lab 'no-such'; there are: bridge filter");
  }

  @Test
  void whatEndsTheScriptEndsAllOfTheLab() throws Exception {
    Lab.assumePossible();
    Path begun = directory.resolve("begun");
    List<String> command = List.of("bridge", "--", "sh", "-c", "echo >" + begun + "; sleep 78.5");
    Lab lab =
        Lab.script(
            directory,
            "run",
            command,
            process -> {
              while (process.isAlive() && !Files.exists(begun)) {
                LockSupport.parkNanos(10_000_000);
              }
              process.destroy();
            });
    assertThat(lab.err()).isEmpty();
    assertThat(lab.status()).as("128 and SIGTERM").isEqualTo(143);
    for (int i = 0; i < 500 && isAlive("sleep 78.5"); i++) {
      Thread.sleep(10);
    }
    assertThat(isAlive("sleep 78.5")).isFalse();
  }

  private static boolean isAlive(String command) {
    return ProcessHandle.allProcesses()
        .anyMatch(each -> each.info().commandLine().orElse("").endsWith(command));
  }

  @Test
  void aCommandThatIsNotThereIsSaidByItsStatus() throws Exception {
    Lab.assumePossible();
    Lab lab = Lab.run(directory, "bridge", "no-such-command");
    assertThat(lab.status()).isEqualTo(127);
    assertThat(lab.err()).contains("no-such-command");
    assertBalanced(lab);
  }

  private List<DynamicTest> checks(String name) throws Exception {
    Lab.assumePossible();
    Lab lab = Lab.run(directory, name, "sh", Lab.CHECKS.resolve(name + ".sh").toString());
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(DynamicTest.dynamicTest("the balance", () -> assertBalanced(lab)));
    for (String line : lab.out().lines().toList()) {
      if (line.startsWith("ok ")) {
        tests.add(DynamicTest.dynamicTest(line.substring(3), () -> {}));
      } else if (line.startsWith("skip ")) {
        tests.add(DynamicTest.dynamicTest(line.substring(5), () -> abort(line)));
      } else if (line.startsWith("not ok ")) {
        tests.add(
            DynamicTest.dynamicTest(
                line.substring(7, Math.max(8, line.indexOf(':'))),
                () -> assertThat(line + "\n" + lab.out() + lab.err()).isEmpty()));
      }
    }
    assertThat(tests).as(lab.toString()).hasSizeGreaterThan(3);
    return tests;
  }

  private static void assertBalanced(Lab lab) {
    Matcher balance = BALANCE.matcher(lab.out());
    assertThat(balance.find()).as(lab.toString()).isTrue();
    long[] n = new long[7];
    for (int i = 1; i < n.length; i++) {
      n[i] = Long.parseLong(balance.group(i).replace(",", ""));
    }
    assertThat(n[1] + n[2]).as(lab.out()).isEqualTo(n[3] + n[4] + n[5] + n[6]);
  }
}
