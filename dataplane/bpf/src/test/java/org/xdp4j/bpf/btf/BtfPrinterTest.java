package org.xdp4j.bpf.btf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class BtfPrinterTest {
  private final BtfBuilder btf = new BtfBuilder();
  private final int int32 = btf.integer("int", 4, true);
  private final int u8 = btf.integer("unsigned char", 1, false);
  private final int u64 = btf.integer("unsigned long", 8, false);

  private void prints(int type, byte[] value, String text, String json) throws BtfException {
    Btf types = btf.parse();
    assertThat(BtfPrinter.text(types, type, value)).isEqualTo(text);
    assertThat(BtfPrinter.json(types, type, value)).isEqualTo(json);
  }

  private void prints(int type, byte[] value, String both) throws BtfException {
    prints(type, value, both, both);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] longs(long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      buffer.putLong(value);
    }
    return buffer.array();
  }

  @Test
  void integersHaveTheirSign() throws BtfException {
    prints(int32, bytes(0xfe, 0xff, 0xff, 0xff), "-2");
    prints(u64, longs(-1), "18446744073709551615");
    prints(u8, bytes(200), "200");
  }

  @Test
  void truthIsTrueOrFalse() throws BtfException {
    int bool = btf.bool();
    prints(bool, bytes(1), "true");
    prints(bool, bytes(0), "false");
    prints(bool, bytes(7), "7");
  }

  @Test
  void largeIntegersAreHexadecimal() throws BtfException {
    int wide = btf.type("__int128", 1, false, 0, 16, 128);
    prints(wide, longs(1, 2), "0x20000000000000001", "\"0x20000000000000001\"");
  }

  @Test
  void structsListTheirMembers() throws BtfException {
    int proto = btf.enumeration("proto", false, "TCP", 6, "UDP", 17);
    int pointer = btf.pointer(0);
    int array = btf.array(u8, 3);
    int struct =
        btf.struct(
            "s",
            24,
            "n",
            int32,
            0,
            "proto",
            btf.typedef("p_t", proto),
            32,
            "mac",
            array,
            64,
            "p",
            pointer,
            128);
    prints(
        struct,
        bytes(1, 0, 0, 0, 17, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0),
        "{\"n\": 1, \"proto\": UDP, \"mac\": [1, 2, 3], \"p\": 0x10}",
        "{\"n\": 1, \"proto\": \"UDP\", \"mac\": [1, 2, 3], \"p\": \"0x10\"}");
  }

  @Test
  void membersOfAnonymousMembersAreTheOuterOnes() throws BtfException {
    int inner = btf.struct("", 8, "b", int32, 0, "c", int32, 32);
    int union = btf.union("", 8, "whole", u64, 0, "", inner, 0);
    int struct = btf.struct("s", 16, "a", int32, 0, "", union, 64);
    prints(
        struct, longs(5, 7L << 32 | 6), "{\"a\": 5, \"whole\": 30064771078, \"b\": 6, \"c\": 7}");
  }

  @Test
  void bitfieldsAreTakenOutOfTheirBytes() throws BtfException {
    int flags = btf.enumeration("flag", true, "OFF", 0, "ON", -1);
    int struct =
        btf.bitfields(
            "bits",
            8,
            "a",
            int32,
            3 << 24,
            "b",
            int32,
            7 << 24 | 3,
            "",
            int32,
            2 << 24 | 10,
            "on",
            flags,
            1 << 24 | 12,
            "wide",
            u64,
            33 << 24 | 13);
    // a = -3, b = 5, on = -1, wide = 0x1_2345_6789
    long value = 5L | 5L << 3 | 1L << 12 | 0x1_2345_6789L << 13;
    prints(
        struct,
        longs(value),
        "{\"a\": -3, \"b\": 5, \"on\": ON, \"wide\": 4886718345}",
        "{\"a\": -3, \"b\": 5, \"on\": \"ON\", \"wide\": 4886718345}");
  }

  @Test
  void charactersAreTextWhenTheyCanBe() throws BtfException {
    int character = btf.integer("char", 1, true);
    int text = btf.array(character, 6);
    prints(text, bytes('d', 'n', 's', 0, 0, 0), "\"dns\"");
    prints(text, bytes('a', '"', '\\', 'b', 'c', 'd'), "\"a\\\"\\\\bcd\"");
    prints(text, bytes('a', 0, 'b', 0, 0, 0), "['a', 0, 'b', 0, 0, 0]", "[97, 0, 98, 0, 0, 0]");
    prints(character, bytes('x'), "'x'", "120");
    prints(character, bytes(200), "-56");
  }

  @Test
  void unknownEnumeratorsAreNumbers() throws BtfException {
    int signed = btf.enumeration("e", true, "ONE", 1);
    int wide = btf.enum64("w", false, "MOST", -1L);
    prints(signed, bytes(0xff, 0xff, 0xff, 0xff), "-1");
    prints(wide, longs(-1), "MOST", "\"MOST\"");
    prints(wide, longs(-2), "18446744073709551614");
  }

  @Test
  void realNumbersAreNumbersUnlessTheyAreNone() throws BtfException {
    int real = btf.type("double", 16, false, 0, 8);
    prints(real, longs(Double.doubleToLongBits(1.5)), "1.5");
    prints(real, longs(Double.doubleToLongBits(Double.NaN)), "NaN", "\"NaN\"");
  }

  @Test
  void sectionsListTheirVariables() throws BtfException {
    int a = btf.variable("a", int32, 1);
    int b = btf.variable("b", btf.array(btf.array(u8, 2), 2), 1);
    int section = btf.datasec(".data", 8, a, 0, 4, b, 4, 4);
    prints(section, bytes(1, 0, 0, 0, 1, 2, 3, 4), "{\"a\": 1, \"b\": [[1, 2], [3, 4]]}");
  }

  /** As clang leaves {@code static struct {u64 pass, drop;} counters} and an array. */
  @Test
  void piecesOfVariablesAreTheirOwnBytesOnly() throws BtfException {
    int struct = btf.struct("counters", 16, "pass", u64, 0, "drop", u64, 64);
    int first = btf.variable("counters.0", struct, 0);
    int second = btf.variable("counters.1", struct, 0);
    int array = btf.variable("odd.1", btf.array(u8, 20), 0);
    int none = btf.variable("none.0", struct, 0);
    int section = btf.datasec(".bss", 30, first, 0, 8, second, 8, 8, array, 16, 3, none, 24, 4);
    byte[] value = new byte[30];
    value[0] = 5;
    value[8] = 7;
    value[17] = 9;
    value[29] = 1;
    prints(
        section,
        value,
        "{\"counters.0\": 5, \"counters.1\": 7, \"odd.1\": 00 09 00, \"none.0\": 0}",
        "{\"counters.0\": 5, \"counters.1\": 7, \"odd.1\": [\"0x00\", \"0x09\", \"0x00\"],"
            + " \"none.0\": 0}");
    assertThat(BtfPrinter.fields(btf.parse(), section, value))
        .containsExactly(
            new BtfPrinter.Field("counters.0", "5", false),
            new BtfPrinter.Field("counters.1", "7", false),
            new BtfPrinter.Field("odd.1", "00 09 00", false),
            new BtfPrinter.Field("none.0", "0", true));
  }

  @Test
  void whatHasNoTypeIsBytes() throws BtfException {
    prints(0, bytes(0x0a, 0xff), "0a ff", "[\"0x0a\", \"0xff\"]");
    prints(u64, bytes(1), "01", "[\"0x01\"]");
    prints(999, bytes(), "", "[]");
  }

  @Test
  void namesAreEscaped() throws BtfException {
    int struct = btf.struct("s", 4, "a\n\"b", int32, 0);
    prints(struct, bytes(1, 0, 0, 0), "{\"a\\u000a\\\"b\": 1}");
  }

  @Test
  void typesThatNameTheSameBytesOverAndOverAreCutOff() throws BtfException {
    int type = u8;
    for (int i = 0; i < 30; i++) {
      type = btf.union("u" + i, 1, "a", type, 0, "b", type, 0);
    }
    assertThat(BtfPrinter.json(btf.parse(), type, bytes(1)).length()).isLessThan(4_000_000);
  }

  @Test
  void membersOutsideOfTheValueAreNull() throws BtfException {
    int struct = btf.struct("s", 4, "a", int32, 0, "b", u64, 32, "c", btf.array(u8, 9), 16);
    prints(struct, bytes(1, 0, 2, 3), "{\"a\": 50462721, \"b\": null, \"c\": [2, 3]}");
  }
}
