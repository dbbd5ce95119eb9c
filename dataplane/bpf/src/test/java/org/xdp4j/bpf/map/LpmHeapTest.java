package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;

/**
 * What the index of an LPM map takes of the Java heap is charged to the budget: held against a walk
 * over its objects, which is itself held against the collector's count.
 */
class LpmHeapTest {
  private static final int MOST = 100_000;

  /** Prefixes of different kinds, some of them chosen to take much. */
  private enum Shape {
    RANDOM_IPV6(16) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 5000; i++) {
          byte[] data = to.random();
          data[0] = (byte) (0x20 | data[0] & 1);
          to.put(data, 20 + to.random.nextInt(45));
        }
      }
    },
    /** Nodes with a slot for each value, of whose prefixes then only a few remain. */
    EMPTIED_NODES(16) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 40; i++) {
          byte[] data = new byte[16];
          data[0] = (byte) i;
          for (int depth = 1; depth < 12; depth++) {
            for (int value = 0; value < 60; value++) {
              data[depth] = (byte) (value * 4);
              to.put(data, 8 * depth + 8);
            }
            data[depth] = 1;
          }
        }
        to.removeUntil(40 * 12);
      }
    },
    /** Two ways at every byte. */
    TWO_VALUES(16) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 4096; i++) {
          byte[] data = new byte[16];
          for (int bit = 0; bit < 12; bit++) {
            data[bit] = (byte) (i >>> bit & 1);
          }
          to.put(data, 96);
        }
      }
    },
    /** Prefixes within prefixes, down to the last bit. */
    CHAINS(16) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 60; i++) {
          byte[] data = to.random();
          for (int length = 1; length <= 128; length++) {
            to.put(data, length);
          }
        }
      }
    },
    /** Short prefixes that are in the slots of many others. */
    COVERED(16) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 4000; i++) {
          byte[] data = new byte[16];
          data[0] = (byte) to.random.nextInt(4);
          data[1] = (byte) to.random.nextInt(256);
          data[2] = (byte) to.random.nextInt(8);
          to.put(data, 9 + to.random.nextInt(16));
        }
      }
    },
    LONG_KEYS(24) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 3000; i++) {
          byte[] data = to.random();
          data[0] &= 3;
          to.put(data, 1 + to.random.nextInt(192));
        }
      }
    },
    IPV4(4) {
      @Override
      void fill(Filler to) {
        for (int i = 0; i < 20_000; i++) {
          byte[] data = to.random();
          data[0] &= 15;
          to.put(data, to.random.nextInt(4) == 0 ? to.random.nextInt(33) : 24);
        }
      }
    };

    final int dataSize;

    Shape(int dataSize) {
      this.dataSize = dataSize;
    }

    abstract void fill(Filler to);
  }

  private static final class Filler {
    final SplittableRandom random = new SplittableRandom(11);
    final LpmTrieMap map;
    final int dataSize;
    final List<byte[]> keys = new ArrayList<>();

    Filler(LpmTrieMap map, int dataSize) {
      this.map = map;
      this.dataSize = dataSize;
    }

    byte[] random() {
      byte[] data = new byte[dataSize];
      random.nextBytes(data);
      return data;
    }

    void put(byte[] data, int length) {
      ByteBuffer key = ByteBuffer.allocate(4 + dataSize).order(ByteOrder.LITTLE_ENDIAN);
      byte[] bytes = key.putInt(length).put(data).array();
      if (map.put(bytes, new byte[8], BpfMap.NOEXIST) == 0) {
        keys.add(bytes);
      }
    }

    void removeUntil(int left) {
      while (keys.size() > left) {
        int at = random.nextInt(keys.size());
        assertThat(map.remove(keys.get(at))).isZero();
        keys.set(at, keys.getLast());
        keys.removeLast();
      }
    }
  }

  private static LpmTrieMap map(Region region, int dataSize, MapBudget budget) throws MapException {
    MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 4 + dataSize, 8, MOST, MapSpec.F_NO_PREALLOC);
    return (LpmTrieMap) MapFactory.create(spec, region, 1, budget);
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void whatIsHeldIsChargedAndGivenBack(Shape shape) throws Exception {
    try (Region region = Region.reserve(1 << 26)) {
      MapBudget budget = new MapBudget(1 << 30);
      LpmTrieMap map = map(region, shape.dataSize, budget);
      long empty = map.heapHeld();
      Filler filler = new Filler(map, shape.dataSize);
      shape.fill(filler);
      long measured = measure(map);
      System.out.printf(
          "%s: %d prefixes, %d bytes a prefix, charged %.2f of that%n",
          shape,
          filler.keys.size(),
          measured / filler.keys.size(),
          (double) map.heapHeld() / measured);
      assertThat(map.heapHeld()).isBetween(measured - 2048, (long) (1.3 * measured));
      assertThat(budget.used()).isGreaterThan(measured);
      filler.removeUntil(filler.keys.size() / 2);
      long half = measure(map);
      assertThat(map.heapHeld()).isBetween(half - 2048, (long) (1.3 * half));
      filler.removeUntil(0);
      assertThat(map.heapHeld()).isBetween(measure(map) - 2048, empty + (1 << 20));
      if (shape != Shape.IPV4) {
        assertThat(map.heapHeld()).as("nothing is left").isZero();
      }
    }
  }

  /** The nodes of a tree that has emptied do not keep what they took. */
  @Test
  void whatIsEmptiedShrinks() throws Exception {
    try (Region region = Region.reserve(1 << 26)) {
      LpmTrieMap map = map(region, 16, MapBudget.unlimited());
      Filler filler = new Filler(map, 16);
      Shape.EMPTIED_NODES.fill(filler);
      assertThat(measure(map) / filler.keys.size()).isLessThan(500);
    }
  }

  /** The walk sees what there is: the collector counts as much. */
  @Test
  void theMeasureIsTheCollectors() throws Exception {
    try (Region region = Region.reserve(1 << 26)) {
      LpmTrieMap map = map(region, 16, MapBudget.unlimited());
      Filler filler = new Filler(map, 16);
      long before = used();
      for (int i = 0; i < 20_000; i++) {
        byte[] data = filler.random();
        data[0] = 0x20;
        filler.put(data, 24 + filler.random.nextInt(41));
      }
      filler.keys.clear();
      ((ArrayList<byte[]>) filler.keys).trimToSize();
      long collected = used() - before;
      assertThat((double) measure(map) / collected).isBetween(0.9, 1.1);
      map.free();
    }
  }

  private static long used() throws InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(20);
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** Bytes of the nodes and arrays that the map's index is made of. */
  private static long measure(LpmTrieMap map) throws ReflectiveOperationException {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> todo = new ArrayDeque<>();
    for (String part : new String[] {"trie", "table", "paths"}) {
      Object owner = get(LpmTrieMap.class.getDeclaredField(part), map);
      for (Field field : owner == null ? new Field[0] : owner.getClass().getDeclaredFields()) {
        Object value = Modifier.isStatic(field.getModifiers()) ? null : get(field, owner);
        if (value != null && isPart(value.getClass())) {
          todo.add(value);
        }
      }
    }
    long sum = 0;
    while (!todo.isEmpty()) {
      Object next = todo.remove();
      if (seen.add(next)) {
        sum += size(next, todo);
      }
    }
    return sum;
  }

  private static boolean isPart(Class<?> type) {
    return type.isArray()
        || type == LpmNode.class
        || type == ByteMap.class
        || type == LpmPathNode.class;
  }

  /** The size of an object, with compressed references; what it refers to is still to do. */
  private static long size(Object object, Deque<Object> todo) throws ReflectiveOperationException {
    Class<?> type = object.getClass();
    if (type.isArray()) {
      int length = Array.getLength(object);
      Class<?> part = type.getComponentType();
      for (int i = 0; i < length && !part.isPrimitive(); i++) {
        if (Array.get(object, i) != null) {
          todo.add(Array.get(object, i));
        }
      }
      return aligned(16 + (long) length * size(part));
    }
    long sum = 12;
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        sum += size(field.getType());
        if (!field.getType().isPrimitive() && get(field, object) != null) {
          todo.add(get(field, object));
        }
      }
    }
    return aligned(sum);
  }

  private static int size(Class<?> type) {
    if (type == long.class) {
      return 8;
    }
    return type == byte.class ? 1 : type == short.class ? 2 : 4;
  }

  private static long aligned(long bytes) {
    return bytes + 7 & -8;
  }

  private static Object get(Field field, Object owner) throws ReflectiveOperationException {
    field.setAccessible(true);
    return field.get(owner);
  }
}
