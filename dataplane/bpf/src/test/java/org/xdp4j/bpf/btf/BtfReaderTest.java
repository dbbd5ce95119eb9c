package org.xdp4j.bpf.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BtfReaderTest {
  private final BtfBuilder btf = new BtfBuilder();

  @Test
  void everyKindIsRead() throws BtfException {
    int integer = btf.integer("int", 4, true);
    int pointer = btf.pointer(integer);
    int array = btf.array(integer, 3);
    int struct = btf.struct("s", 16, "a", integer, 0, "p", pointer, 64);
    int union = btf.union("u", 8, "a", integer, 0, "p", pointer, 0);
    int enumeration = btf.enumeration("e", true, "LOW", -1, "HIGH", 7);
    int forward = btf.type("f", 7, true, 0, 0);
    int typedef = btf.typedef("t", struct);
    int isVolatile = btf.type("", 9, false, 0, integer);
    int isConst = btf.type("", 10, false, 0, isVolatile);
    int restrict = btf.type("", 11, false, 0, pointer);
    int prototype = btf.prototype(integer, "ctx", pointer, "", 0);
    int function = btf.function("main", prototype, 1);
    int variable = btf.variable("v", isConst, 0);
    int datasec = btf.datasec(".data", 4, variable, 0, 4);
    int real = btf.type("double", 16, false, 0, 8);
    int declTag = btf.type("tag", 17, false, 0, struct, -1);
    int typeTag = btf.type("user", 18, false, 0, integer);
    int wide = btf.enum64("w", false, "BIG", -2L);
    Btf types = btf.parse();
    assertThat(types.count()).isEqualTo(wide + 1);
    assertThat(types.type(0)).isEqualTo(BtfType.VOID);
    assertThat(types.type(integer)).isEqualTo(new BtfType.Int("int", 4, true, false, false, 0, 32));
    assertThat(types.type(pointer)).isEqualTo(new BtfType.Ptr(integer));
    assertThat(types.type(array)).isEqualTo(new BtfType.Array(integer, integer, 3));
    assertThat(types.type(struct))
        .isEqualTo(
            new BtfType.Struct(
                "s",
                16,
                List.of(
                    new BtfType.Member("a", integer, 0, 0),
                    new BtfType.Member("p", pointer, 64, 0))));
    assertThat(types.type(union)).isInstanceOf(BtfType.Union.class);
    assertThat(types.type(enumeration))
        .isEqualTo(
            new BtfType.Enum(
                "e",
                4,
                true,
                false,
                List.of(new BtfType.Enumerator("LOW", -1), new BtfType.Enumerator("HIGH", 7))));
    assertThat(types.type(forward)).isEqualTo(new BtfType.Fwd("f", true));
    assertThat(types.type(typedef)).isEqualTo(new BtfType.Typedef("t", struct));
    assertThat(types.type(restrict)).isEqualTo(new BtfType.Restrict(pointer));
    assertThat(types.prototype(function))
        .isEqualTo(
            new BtfType.FuncProto(integer, List.of(new BtfType.Param("ctx", pointer)), true));
    assertThat(types.type(variable))
        .isEqualTo(new BtfType.Var("v", isConst, BtfType.Linkage.STATIC));
    assertThat(types.type(datasec))
        .isEqualTo(new BtfType.Datasec(".data", 4, List.of(new BtfType.Secinfo(variable, 0, 4))));
    assertThat(types.type(real)).isEqualTo(new BtfType.Float("double", 8));
    assertThat(types.type(declTag)).isEqualTo(new BtfType.DeclTag("tag", struct, -1));
    assertThat(types.type(typeTag)).isEqualTo(new BtfType.TypeTag("user", integer));
    assertThat(types.type(wide))
        .isEqualTo(
            new BtfType.Enum("w", 8, false, true, List.of(new BtfType.Enumerator("BIG", -2))));
    assertThat(types.strip(variable)).isEqualTo(variable);
    assertThat(types.resolve(isConst)).isEqualTo(types.type(integer));
    assertThat(types.sizeOf(typedef)).isEqualTo(16);
    assertThat(types.sizeOf(array)).isEqualTo(12);
    assertThat(types.sizeOf(variable)).isEqualTo(4);
    assertThat(types.sizeOf(function)).isEqualTo(-1);
    assertThat(types.find(BtfType.Struct.class, "s")).isEqualTo(struct);
    assertThat(types.find(BtfType.Union.class, "s")).isZero();
  }

  @Test
  void aTypeThatContainsItselfIsRefused() {
    btf.struct("loop", 8, "self", 2, 0);
    btf.array(1, 2);
    assertThatThrownBy(btf::parse)
        .isInstanceOf(BtfException.class)
        .hasMessage("type 1 contains itself");
  }

  @Test
  void aTypedefOfItselfIsRefused() {
    btf.typedef("a", 2);
    btf.typedef("b", 1);
    assertThatThrownBy(btf::parse).hasMessage("type 1 contains itself");
  }

  @Test
  void aStructThatPointsToItselfIsFine() throws BtfException {
    btf.struct("list", 8, "next", 2, 0);
    btf.pointer(1);
    assertThat(btf.parse().sizeOf(1)).isEqualTo(8);
  }

  @Test
  void nestingHasALimit() throws BtfException {
    int type = btf.integer("int", 4, true);
    for (int i = 1; i < Btf.MAX_NESTING; i++) {
      type = btf.typedef("t" + i, type);
    }
    assertThat(btf.parse().sizeOf(type)).isEqualTo(4);
    btf.typedef("one_more", type);
    assertThatThrownBy(btf::parse).hasMessageContaining("nests more than 128 deep");
  }

  @Test
  void nestingAgainstTheOrderOfIdsHasTheSameLimit() {
    for (int i = 1; i < 5000; i++) {
      btf.typedef("t", i + 1);
    }
    btf.integer("int", 4, true);
    assertThatThrownBy(btf::parse).hasMessageContaining("nests more than 128 deep");
  }

  @Test
  void sizesThatOverflowAreNoSizes() throws BtfException {
    int type = btf.integer("long", 8, true);
    for (int i = 0; i < 20; i++) {
      type = btf.array(type, -1);
    }
    assertThat(btf.parse().sizeOf(type)).isEqualTo(-1);
  }

  @Test
  void referencesLeadSomewhere() {
    btf.pointer(99);
    assertThatThrownBy(btf::parse)
        .hasMessage("type 1 refers to type 99, which there is not")
        .extracting(e -> ((BtfException) e).offset())
        .isEqualTo(24L);
  }

  @Test
  void functionsHavePrototypesAndSectionsVariables() {
    BtfBuilder other = new BtfBuilder();
    btf.function("f", btf.integer("int", 4, true), 1);
    other.datasec(".data", 0, other.integer("int", 4, true), 0, 4);
    assertThatThrownBy(btf::parse).hasMessage("type 2 is a function without a prototype");
    assertThatThrownBy(other::parse)
        .hasMessage("type 2 is a section that lists what is no variable");
  }

  @Test
  void unknownKindsAreRefused() {
    btf.type("", 20, false, 0, 0);
    assertThatThrownBy(btf::parse).hasMessage("type 1 is of unknown kind 20");
  }

  @Test
  void namesThatOverlapCannotFillTheMemory() {
    String name = "x".repeat(60_000);
    int at = btf.string(name);
    for (int i = 0; i < 1000; i++) {
      btf.type("", 7, false, 0, 0);
    }
    byte[] bytes = btf.btf();
    for (int i = 0; i < 1000; i++) {
      ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(24 + 12 * i, at + i);
    }
    assertThatThrownBy(() -> Btf.parse(ByteBuffer.wrap(bytes)))
        .hasMessageContaining("has a name outside of the strings");
  }

  @Test
  void everyTruncationIsRefused() {
    btf.struct("s", 4, "a", btf.integer("int", 4, true), 0);
    byte[] bytes = btf.btf();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Btf.parse(ByteBuffer.wrap(cut))).isInstanceOf(BtfException.class);
    }
  }

  @Test
  void recordsOfInstructionsAreRead() throws BtfException {
    int integer = btf.integer("int", 4, true);
    int function = btf.function("f", btf.prototype(integer), 1);
    btf.functionAt("xdp", 16, function);
    btf.lineAt("xdp", 24, "a.c", "\t b();", 7, 3);
    btf.lineAt("xdp", 16, "a.c", "a();", 6, 3);
    btf.lineAt("xdp", 16, "a.c", "again", 6, 9);
    btf.relocationAt("xdp", 16, integer, "0:1", 5);
    BtfExt ext = BtfExt.parse(ByteBuffer.wrap(btf.ext()), btf.parse());
    assertThat(ext.functions().get("xdp")).containsExactly(new BtfExt.FuncRecord(16, function));
    assertThat(ext.lines().get("xdp"))
        .containsExactly(
            new BtfExt.LineRecord(16, "a.c", "a();", 6, 3, 0),
            new BtfExt.LineRecord(24, "a.c", "b();", 7, 3, 2));
    assertThat(ext.relocations().get("xdp"))
        .containsExactly(new BtfExt.CoreRelocation(16, integer, "0:1", 5));
  }

  @Test
  void recordsOfUnknownFunctionsAreRefused() throws BtfException {
    btf.functionAt("xdp", 0, btf.integer("int", 4, true));
    Btf types = btf.parse();
    assertThatThrownBy(() -> BtfExt.parse(ByteBuffer.wrap(btf.ext()), types))
        .hasMessage("type 1 is no function");
  }
}
