package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** What programs tell the outside, as the outside gets it. */
class EventHelpersTest implements EventSink {
  private final HelperLab lab = new HelperLab();
  private final List<String> texts = new ArrayList<>();
  private final List<byte[]> events = new ArrayList<>();
  private boolean room = true;

  @Override
  public void printk(int cpu, String text) {
    texts.add(cpu + ": " + text);
  }

  @Override
  public boolean perfEvent(String map, int cpu, byte[] data) {
    assertThat(map).isEqualTo("events");
    events.add(data);
    return room;
  }

  @BeforeEach
  void listen() {
    lab.context.events = this;
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private int event(long flags) throws MapException {
    List<BpfMap> maps =
        lab.makeMaps(List.of(MapSpec.of("events", MapType.PERF_EVENT_ARRAY, 4, 4, 2, 0)));
    Snippet snippet = new Snippet().writeLong(-8, 7);
    snippet.move(1, 6).map(2, 0).setLong(3, flags).stack(4, -8).set(5, 8).call(25);
    byte[] packet = new byte[20];
    Arrays.fill(packet, (byte) 9);
    return lab.run(snippet, maps, packet).returnCode();
  }

  @Test
  void anEventIsTheDataAndThenThePacket() throws MapException {
    assertThat(event(3L << 32 | 0xFFFFFFFFL)).isZero();
    assertThat(events).hasSize(1);
    assertThat(events.getFirst()).containsExactly(7, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9);
  }

  @Test
  void anEventForAnotherCpuIsRefused() throws MapException {
    assertThat(event(1)).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(event(2)).isEqualTo(Errno.E2BIG);
    assertThat(events).isEmpty();
  }

  @Test
  void aReaderWithoutRoomShows() throws MapException {
    room = false;
    assertThat(event(0)).isEqualTo(Errno.ENOSPC);
  }

  private void print(String format, Snippet snippet, int... arguments) {
    byte[] text = (format + "\0").getBytes(StandardCharsets.US_ASCII);
    snippet.write(-64, text).stack(1, -64).set(2, text.length);
    for (int i = 0; i < 3; i++) {
      snippet.set(3 + i, i < arguments.length ? arguments[i] : 0);
    }
    lab.run(snippet.call(6), List.of(), new byte[14]);
  }

  @Test
  void numbersArePrinted() {
    print("a %d b %u c %x\n", new Snippet(), -5, -1, 0xBEEF);
    assertThat(texts).containsExactly("0: a -5 b 4294967295 c beef\n");
  }

  @Test
  void stringsAndAddressesArePrinted() {
    byte[] name = {'e', 't', 'h', '0', 0};
    byte[] ip = {10, 0, 0, 1, (byte) 0xFE, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    long at = lab.region.allocate(32, 8);
    for (int i = 0; i < name.length; i++) {
      lab.region.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, at + i, name[i]);
    }
    for (int i = 0; i < ip.length; i++) {
      lab.region.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, at + 8 + i, ip[i]);
    }
    print("[%6s] %pI4 %pI6", new Snippet(), (int) at, (int) at + 8, (int) at + 8);
    print("[%-6s] %pi4 %pi6", new Snippet(), (int) at, (int) at + 8, (int) at + 8);
    assertThat(texts)
        .containsExactly(
            "0: [  eth0] 10.0.0.1 0a00:0001:fe80:0000:0000:0000:0000:0002",
            "0: [eth0  ] 010.000.000.001 0a000001fe8000000000000000000002");
  }

  @Test
  void pointersArePrintedAsSixteenDigits() {
    print("%p %px", new Snippet(), 0x1000, 0x2000);
    assertThat(texts).containsExactly("0: 0000000000001000 0000000000002000");
  }

  @Test
  void aStringThatCannotBeReadIsEmpty() {
    print("<%s>", new Snippet(), -1);
    assertThat(texts).containsExactly("0: <>");
  }
}
