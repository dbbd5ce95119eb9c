package org.xdp4j.bpf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.btf.Addresses;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

class MapTextTest {
  private static final Btf BTF;
  private static final int BE16;
  private static final int S16;
  private static final int RULE;
  private static final int PORT;
  private static final int NAME;
  private static final int LIST;
  private static final int COLOUR;

  static {
    Types types = new Types();
    int u8 = types.unsigned("__u8", 1);
    int u16 = types.unsigned("__u16", 2);
    int u32 = types.unsigned("__u32", 4);
    S16 = types.signed("__s16", 2);
    BE16 = types.typedef("__be16", u16);
    COLOUR = types.enumeration("colour", "RED", 7);
    LIST = types.array(u16, u32, 3);
    NAME = types.array(types.character(), u32, 6);
    int inner =
        types.union("", 4, new Types.Field("whole", u32, 0, 0), new Types.Field("half", u16, 0, 0));
    RULE =
        types.struct(
            "rule",
            16,
            new Types.Field("action", u32, 0, 0),
            new Types.Field("low", u32, 32, 3),
            new Types.Field("high", u32, 35, 5),
            new Types.Field("ports", LIST, 48, 0),
            new Types.Field("", inner, 96, 0));
    PORT =
        types.struct(
            "port",
            4,
            new Types.Field("protocol", u8, 0, 0),
            new Types.Field("zero", u8, 8, 0),
            new Types.Field("number", BE16, 16, 0));
    try {
      BTF = types.build();
    } catch (BtfException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MapText map(MapType type, int keySize, int keyType, int valueSize, int valueType) {
    MapSpec spec = MapSpec.of("m", type, keySize, valueSize, 8, 0).withBtf(keyType, valueType);
    return new MapText(spec, BTF);
  }

  private static MapText rules() {
    return map(MapType.HASH, 4, PORT, 16, RULE);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String value(int size, int type, String text) throws TextException {
    return hex(map(MapType.ARRAY, 4, 0, size, type).value(text, null));
  }

  @ParameterizedTest
  @CsvSource({
    "53, 00000035",
    "0x35, 00000035",
    "1_000, 000003e8",
    "-1, ffffffff",
    "'''a''', 00000061",
    "true, 00000001",
    "XDP_PASS, 00000002",
    "RED, 00000007",
    "192.0.2.1, 010200c0",
    "htons(53), 00003500",
    "htonl(1), 01000000",
    "hex(01 02 03 04), 04030201",
  })
  void aNumberOfUnknownTypeIsWrittenInManyWays(String text, String bigEndian) throws TextException {
    byte[] value = map(MapType.ARRAY, 4, 0, 4, 0).value(text, null);
    assertThat(HexFormat.of().parseHex(bigEndian))
        .containsExactly(value[3], value[2], value[1], value[0]);
  }

  @Test
  void networkOrderTypesTakeNumbersAsPeopleSayThem() throws TextException {
    assertThat(value(2, BE16, "53")).isEqualTo("0035");
    assertThat(hex(rules().key("{protocol: 17, number: 53}"))).isEqualTo("11000035");
  }

  @Test
  void aStructsFieldsAreNamedOrStandInOrder() throws TextException {
    assertThat(value(16, RULE, "{action: 1, low: 5, high: 0x1f, ports: [1, 2], half: 9}"))
        .isEqualTo("01000000fd0001000200000009000000");
    assertThat(value(16, RULE, "{ .action = 1, \"ports\": [3] }"))
        .isEqualTo("01000000000003000000000000000000");
    assertThat(value(16, RULE, "{1, 5, 0x1f, [1, 2, 3], 4}"))
        .isEqualTo("01000000fd0001000200030004000000");
    assertThat(value(16, RULE, "XDP_DROP")).startsWith("01000000").endsWith("00000000");
  }

  @Test
  void whatIsNotNamedKeepsWhatItHeld() throws TextException {
    byte[] old = HexFormat.of().parseHex("ffffffffffffffffffffffffffffffff");
    assertThat(hex(rules().value("{action: 2, low: 0}", old)))
        .isEqualTo("02000000f8ffffffffffffffffffffff");
  }

  @Test
  void charactersAreAString() throws TextException {
    assertThat(value(6, NAME, "\"eth0\"")).isEqualTo("657468300000");
    assertThat(value(6, NAME, "02:00:00:00:00:01")).isEqualTo("020000000001");
  }

  @ParameterizedTest
  @CsvSource({
    "8, 10.1.0.0/16, 100000000a010000",
    "8, 10.1.2.3, 200000000a010203",
    "8, 0.0.0.0/0, 0000000000000000",
    "20, 2001:db8::/32, 2000000020010db8000000000000000000000000",
    "20, ::1, 8000000000000000000000000000000000000001",
  })
  void thePrefixOfATrieIsWrittenAsRoutesAre(int keySize, String text, String expected)
      throws TextException {
    assertThat(hex(map(MapType.LPM_TRIE, keySize, 0, 4, 0).key(text))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "20 | 2001:db8::/32:1 | 2000000020010db8000000000000000000000000 | 1",
        "20 | 2001:db8::/32=1 | 2000000020010db8000000000000000000000000 | 1",
        "8 | 192.0.2.0/24:XDP_DROP | 18000000c0000200 | XDP_DROP",
        "8 | 192.0.2.0/24 | 18000000c0000200 | 1",
        "8 | hex(18000000 c0000200)=2 | 18000000c0000200 | 2",
      })
  void anEntryIsAKeyAndAValue(int keySize, String text, String key, String value)
      throws TextException {
    List<MapText.Entry> entries = map(MapType.LPM_TRIE, keySize, 0, 4, 0).entries(text);
    assertThat(entries).hasSize(1);
    assertThat(hex(entries.getFirst().key())).isEqualTo(key);
    assertThat(entries.getFirst().value()).isEqualTo(value);
  }

  @Test
  void commasPartEntriesButNotFields() throws TextException {
    List<MapText.Entry> entries =
        rules().entries("{17, 0, 53}={1, 2}, {protocol: 6, number: 22}: {action: 2}");
    assertThat(entries).extracting(e -> hex(e.key())).containsExactly("11000035", "06000016");
    assertThat(entries).extracting(MapText.Entry::value).containsExactly("{1, 2}", "{action: 2}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{protocol: 300} | protocol: 300 does not fit into 8 bits",
        "{proto: 1} | there is no field 'proto' in struct port",
        "{1, 2, 3, 4} | struct port has no more fields behind '{1, 2, 3,'",
        "{1 2} | expected '}' behind '{1'",
        "{1 | expected '}' behind '{1'",
        "{1}} | did not expect '}' behind '{1}'",
        "blue | protocol: 'blue' is not a number, and no enum of the object has this name",
        "hex(001) | hex(001) is not a whole number of hexadecimal bytes",
        "hex(00) | hex(00) is 1 bytes where 4 are needed",
        "htons(70000) | protocol: '70000' is not a number of 16 bits for htons",
      })
  void aKeyThatDoesNotFitIsRefusedInASentence(String text, String message) {
    assertThatThrownBy(() -> rules().key(text))
        .isInstanceOf(TextException.class)
        .hasMessage(message);
  }

  @Test
  void otherTroubleIsToldTheSameWay() {
    assertRefused(16, RULE, "{ports: [1,2,3,4]}", "ports: the array has no more than 3 elements");
    assertRefused(6, NAME, "\"toolong\"", "\"toolong\" is longer than the array's 6 bytes");
    assertRefused(6, NAME, "\"open", "the \" at character 1 is never closed");
    assertRefused(2, S16, "40000", "40000 does not fit into 16 signed bits");
    assertRefused(12, 0, "5", "its type is not known; write its 12 bytes as hex(...)");
    assertRefused(4, COLOUR, "", "a number is missing at the beginning");
    assertThatThrownBy(() -> map(MapType.LPM_TRIE, 8, 0, 4, 0).key("10.0.0.0/33"))
        .hasMessage("'33' is not a prefix length, which is 0 to 32");
    assertThatThrownBy(() -> map(MapType.LPM_TRIE, 8, 0, 4, 0).key("2001:db8::/32"))
        .hasMessage("'2001:db8::' is not an IPv4 address, which the map's keys hold");
    assertThatThrownBy(() -> rules().entries("{17}"))
        .hasMessage("entry '{17}': a value is missing, write KEY=VALUE");
  }

  private static void assertRefused(int size, int type, String text, String message) {
    assertThatThrownBy(() -> value(size, type, text))
        .isInstanceOf(TextException.class)
        .hasMessage(message);
  }

  @Test
  void addressesAreWrittenAsRfc5952SaysThem() {
    assertThat(Addresses.format(new byte[] {(byte) 192, 0, 2, 1})).isEqualTo("192.0.2.1");
    for (String text :
        List.of("2001:db8::1", "::", "::1", "fe80::", "2001:0:0:1::2", "1:2:3:4:5:6:7:8")) {
      assertThat(Addresses.format(Addresses.parse(text, 16))).isEqualTo(text);
    }
  }
}
