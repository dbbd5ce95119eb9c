package org.xdp4j.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class ServiceLogTest {
  private static String line(boolean journal, boolean traces, Level level, Throwable thrown) {
    LogRecord message = new LogRecord(level, "port a\n is down\r\n");
    message.setThrown(thrown);
    return new ServiceLog.Line(journal, traces).format(message);
  }

  @Test
  void aMessageIsALineWithTimeAndLevel() {
    assertThat(line(false, false, Level.WARNING, null))
        .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z warning port a is down\n");
    assertThat(line(false, false, Level.INFO, new IllegalStateException("a\nb")))
        .endsWith(" info port a is down: java.lang.IllegalStateException: a b\n")
        .hasLineCount(1);
  }

  @Test
  void theJournalGetsPriorities() {
    assertThat(line(true, false, Level.SEVERE, null)).isEqualTo("<3>port a is down\n");
    assertThat(line(true, false, Level.WARNING, null)).isEqualTo("<4>port a is down\n");
    assertThat(line(true, false, Level.INFO, null)).isEqualTo("<6>port a is down\n");
    assertThat(line(true, false, Level.FINE, null)).isEqualTo("<7>port a is down\n");
  }

  @Test
  void stackTracesComeWhenAskedFor() {
    assertThat(line(true, true, Level.SEVERE, new IllegalStateException("x")))
        .contains("at org.xdp4j.daemon.service.ServiceLogTest");
  }
}
