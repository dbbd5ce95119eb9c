package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/**
 * SYN cookies without a socket: what is not secret is as in Linux, and our cookies are recognised
 * for as long as Linux recognises its own.
 */
class SynCookieHelpersTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final int HEADER = 60;

  private final HelperLab lab = new HelperLab();
  private final Random random = new Random(204);

  @AfterEach
  void close() {
    lab.close();
  }

  /** A TCP header of {@code size} bytes whose data offset says {@code words}. */
  private byte[] tcp(int size, int words, byte[] options) {
    byte[] header = new byte[HEADER];
    random.nextBytes(header);
    header[12] = (byte) (words << 4);
    System.arraycopy(options, 0, header, 20, Math.min(options.length, 40));
    for (int i = 20 + options.length; i < size; i++) {
      header[i] = 1;
    }
    return header;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Covers({"bpf_tcp_raw_gen_syncookie_ipv4", "bpf_tcp_raw_gen_syncookie_ipv6"})
  @Test
  void sizesAndErrorsAreAsInLinux() throws MapException {
    KernelOracle.assumeAvailable();
    byte[][] options = {
      {},
      bytes(2, 4, 5, 0xb4),
      bytes(2, 4, 0, 0),
      bytes(2, 4, 0, 1),
      bytes(1, 1, 2, 4, 5, 20),
      bytes(0, 2, 4, 5, 0xb4),
      bytes(2, 3, 5, 0xb4, 1),
      bytes(3, 3, 7, 2, 4, 0x23, 0x28),
      bytes(2, 4, 5, 0xb4, 2, 4, 2, 24),
      bytes(4, 2, 2, 4, 5, 0xa0),
      bytes(2),
      bytes(9, 1, 2, 4, 5, 0xb4),
      bytes(9, 60, 2, 4, 5, 0xb4),
      bytes(0xfe, 2, 2, 4, 0x22, 0xec),
      bytes(2, 4, 0x22, 0xeb),
      bytes(2, 4, 5, 0x8c),
      bytes(2, 4, 5, 0x8b)
    };
    int calls = 0;
    for (byte[] option : options) {
      for (int words : new int[] {0, 4, 5, 6, 7, 10, 15}) {
        for (int size : new int[] {0, 19, 20, 24, 28, 40, 60}) {
          agree(option, words, size);
          calls += 2;
        }
      }
    }
    System.out.println("SYN cookies: sizes and errors of " + calls + " calls agree");
  }

  /** Of a cookie only the upper half is compared: the lower one is each kernel's own secret. */
  private void agree(byte[] option, int words, int size) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("out", MapType.ARRAY, 4, 64, 1, 0));
    Snippet snippet = new Snippet();
    for (int at = -104; at < -64; at += 8) {
      snippet.writeLong(at, random.nextInt());
    }
    snippet.write(-64, tcp(size, words, option));
    for (int i = 0; i < 2; i++) {
      snippet.stack(1, -104).stack(2, -64).set(3, size).callOnly(204 + i);
      snippet.add(0xc7, 0, 0, 0, 32).keep(0, 0, 8 * i); // r0 s>>= 32
    }
    lab.agree(
        "options " + option.length + " words " + words + " size " + size,
        snippet,
        maps,
        new byte[14]);
  }

  @Test
  void anyAnswerToNoCookieIsRefusedAsInLinux() throws MapException {
    KernelOracle.assumeAvailable();
    for (int round = 0; round < 10; round++) {
      Snippet snippet = new Snippet();
      for (int at = -104; at < 0; at += 8) {
        snippet.writeLong(at, random.nextInt());
      }
      snippet.stack(1, -104).stack(2, -64).call(206).stack(1, -104).stack(2, -64).call(207);
      lab.agree("round " + round, snippet, List.of(), new byte[14]);
    }
  }

  @Covers({"bpf_tcp_raw_check_syncookie_ipv4", "bpf_tcp_raw_check_syncookie_ipv6"})
  @Test
  void aCookieIsKnownForThisMinuteAndTheNext() {
    lab.context.frameTime = true;
    for (boolean ipv6 : new boolean[] {false, true}) {
      for (int round = 0; round < 100; round++) {
        long ip = lab.region.allocate(40, 8);
        long tcp = lab.region.allocate(HEADER, 8);
        fill(ip, 40);
        fill(tcp, HEADER);
        lab.region.segment().set(Region.BYTE, tcp + 12, (byte) 0x50);
        lab.context.frameNanos = MINUTE * random.nextInt(1000);
        long made =
            ipv6
                ? SynCookieHelpers.makeIpv6(lab.context, ip, tcp, 20, 0, 0)
                : SynCookieHelpers.makeIpv4(lab.context, ip, tcp, 20, 0, 0);
        assertThat(made >>> 32).isEqualTo(ipv6 ? 1220 : 536);
        answer(tcp, (int) made);
        assertThat(check(ipv6, ip, tcp)).isZero();
        lab.context.frameNanos += MINUTE;
        assertThat(check(ipv6, ip, tcp)).isZero();
        lab.context.frameNanos += MINUTE;
        assertThat(check(ipv6, ip, tcp)).isEqualTo(Errno.EACCES);
        lab.context.frameNanos -= 2 * MINUTE;
        fill(ip + 12, 4);
        assertThat(check(ipv6, ip, tcp)).isEqualTo(Errno.EACCES);
      }
    }
  }

  @Test
  void aLiveCookieIsMadeWithAnotherSecretThanAReplays() {
    long ip = lab.region.allocate(40, 8);
    long tcp = lab.region.allocate(HEADER, 8);
    fill(ip, 40);
    fill(tcp, 20);
    lab.region.segment().set(Region.BYTE, tcp + 12, (byte) 0x50);
    lab.context.clock = () -> MINUTE;
    lab.context.frameNanos = MINUTE;
    long live = SynCookieHelpers.makeIpv4(lab.context, ip, tcp, 20, 0, 0);
    lab.context.frameTime = true;
    assertThat(SynCookieHelpers.makeIpv4(lab.context, ip, tcp, 20, 0, 0)).isNotEqualTo(live);
  }

  /** The vector of 16 bytes in SipHash's reference implementation. */
  @Test
  void theHashIsSipHash() {
    long key0 = 0x0706050403020100L;
    long key1 = 0x0F0E0D0C0B0A0908L;
    assertThat(SipHash.of(key0, key1, key0, key1)).isEqualTo(0x3f2acc7f57c29bdbL);
  }

  private long check(boolean ipv6, long ip, long tcp) {
    return ipv6
        ? SynCookieHelpers.checkIpv6(lab.context, ip, tcp, 0, 0, 0)
        : SynCookieHelpers.checkIpv4(lab.context, ip, tcp, 0, 0, 0);
  }

  /** Makes the SYN the ACK of the SYN-ACK that carried {@code cookie}. */
  private void answer(long tcp, int cookie) {
    var memory = lab.region.segment();
    int sequence = Integer.reverseBytes(memory.get(Region.INT, tcp + 4));
    memory.set(Region.INT, tcp + 4, Integer.reverseBytes(sequence + 1));
    memory.set(Region.INT, tcp + 8, Integer.reverseBytes(cookie + 1));
  }

  private void fill(long at, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    lab.region.segment().asSlice(at, size).asByteBuffer().put(ByteBuffer.wrap(bytes));
  }
}
