package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.context.Trial;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LpmTrieMap;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.Prefetch;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.Verifier;

/**
 * A compiled program looks keys of any length up in an LPM map as numbers: from words of its stack,
 * or where the key lies in the frame. The frame is the key, the answer what the map says.
 */
class LpmPathLookupTest {
  private static final int MISSED = 7;

  private final Region region = Region.reserve(128 << 20);
  private final XdpContext context = new XdpContext(region, 0);
  private final XdpBatch batch = new XdpBatch(1);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  /**
   * @param width of the loads and stores that bring the key to the stack, or 0 to leave it
   */
  private static List<Instruction> program(int keySize, int width) {
    List<Instruction> code = new ArrayList<>();
    code.add(load(W, 6, 1, 0));
    code.add(load(W, 7, 1, 4));
    code.add(movReg(2, 6));
    code.add(alu(ADD, 2, keySize));
    List<Instruction> rest = new ArrayList<>();
    int at = -(keySize + 7 & -8);
    for (int i = 0; i < keySize && width > 0; ) {
      int bytes = i + width <= keySize ? width : 1;
      int size = bytes == 4 ? W : bytes == 2 ? H : B;
      rest.add(load(size, 3, 6, i));
      rest.add(store(size, 10, at + i, 3));
      i += bytes;
    }
    rest.add(movReg(2, width > 0 ? 10 : 6));
    rest.add(alu(ADD, 2, width > 0 ? at : 0));
    rest.add(insn(LDDW, 1, PSEUDO_MAP_IDX, 0, 0));
    rest.add(insn(0, 0, 0, 0, 0));
    rest.add(Asm.call(HelperSpec.MAP_LOOKUP_ELEM));
    rest.add(jump(JEQ, 0, 0, 2));
    rest.add(load(W, 0, 0, 0));
    rest.add(exit());
    code.add(jumpReg(JGT, 2, 7, rest.size()));
    code.addAll(rest);
    code.add(mov(0, MISSED));
    code.add(exit());
    return code;
  }

  private BpfMap map(int dataSize, int entries) throws Exception {
    MapSpec spec =
        MapSpec.of("m", MapType.LPM_TRIE, 4 + dataSize, 4, entries, MapSpec.F_NO_PREALLOC);
    return MapFactory.create(spec, region, 1);
  }

  private CompiledProgram compiled(BpfMap map, int width) throws Exception {
    return Compiler.compile(
        Verifier.verify(BpfProgram.of(program(map.spec().keySize(), width)), List.of(map.spec())),
        List.of(map),
        region);
  }

  private static byte[] key(Random random, int dataSize) {
    byte[] key = new byte[4 + dataSize];
    for (int i = 4; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(5) == 0 ? random.nextInt() : 0xF0 + i);
    }
    int length = random.nextInt(3) == 0 ? random.nextInt(8 * dataSize + 2) : 8 * dataSize;
    ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
    return key;
  }

  private int run(CompiledProgram program, byte[] key) {
    long frame = region.allocate(64, 64);
    MemorySegment.copy(key, 0, region.segment(), Region.BYTE, frame, key.length);
    batch.data[0] = batch.dataMeta[0] = batch.frameStart[0] = frame;
    batch.dataEnd[0] = batch.frameEnd[0] = frame + key.length;
    batch.size = 1;
    batch.done = 0;
    program.executeBatch(batch, context);
    region.free(frame, 64);
    return batch.verdict[0];
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1", "2, 2", "3, 1", "4, 4", "5, 4", "6, 2", "7, 4", "8, 4", "9, 1", "11, 2", "12, 4",
    "13, 4", "16, 4", "16, 2", "16, 1", "16, 0", "12, 0", "7, 0", "17, 4", "20, 0"
  })
  void aProgramFindsWhatTheMapHas(int dataSize, int width) throws Exception {
    Random random = new Random(dataSize);
    BpfMap map = map(dataSize, 200);
    CompiledProgram program = compiled(map, width);
    for (int i = 0; i < 200; i++) {
      byte[] prefix = key(random, dataSize);
      map.put(prefix, new byte[] {(byte) i, 1, 0, 0}, 0);
    }
    int found = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] key = key(random, dataSize);
      byte[] value = map.get(key);
      int expected =
          value == null ? MISSED : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
      assertThat(run(program, key)).as(Arrays.toString(key)).isEqualTo(expected);
      found += value == null ? 0 : 1;
    }
    assertThat(found).isPositive();
  }

  @Test
  void aHintIsWhatAnAddressBeginsWith() throws Exception {
    BpfMap map = map(16, 1 << 20);
    CompiledProgram program = compiled(map, 4);
    byte[] key = new byte[20];
    key[0] = (byte) 128;
    for (int i = 0; i < 16; i++) {
      key[4 + i] = (byte) (0x81 + i);
    }
    run(program, key);
    program.hints(batch, context);
    assertThat(batch.ahead[0]).isEqualTo(0x8182_8384_8586L);
    assertThat(((LpmTrieMap) map).pathReader().hint(0x8182_8384_8586_8788L))
        .isEqualTo(batch.ahead[0]);
    assertThat(Prefetch.isOf(batch.ahead[0], 0)).isTrue();
  }

  /** In a trial what was not found is looked for in the map's stand-in, by the same key. */
  @ParameterizedTest
  @CsvSource({"4, 4", "9, 1", "16, 4"})
  void aTrialIsToldTheKey(int dataSize, int width) throws Exception {
    BpfMap map = map(dataSize, 100);
    CompiledProgram program = compiled(map, width);
    byte[] key = key(new Random(3), dataSize);
    byte[] told = new byte[24];
    context.trial =
        new Trial() {
          @Override
          public long value(long address, int size) {
            return address;
          }

          @Override
          public long found(long address, int size, long handle, int cpu, long... words) {
            assertThat(handle).isEqualTo(map.address());
            ByteBuffer.wrap(told).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(words);
            return address;
          }

          @Override
          public long map(long handle) {
            return handle;
          }
        };
    assertThat(run(program, key)).isEqualTo(MISSED);
    assertThat(Arrays.copyOf(told, key.length)).isEqualTo(key);
  }
}
