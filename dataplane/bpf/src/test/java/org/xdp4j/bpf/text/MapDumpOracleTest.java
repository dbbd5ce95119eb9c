package org.xdp4j.bpf.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelOracle;

/**
 * Keys and values of each type of map, printed by their types as {@code bpftool map dump} prints
 * them after the same run in the kernel. Where it prints differently, and why, is written down in
 * {@link #asHere}.
 */
class MapDumpOracleTest {
  private static final String SOURCE = "dumped.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};

  /** Types whose values bpftool shows by type; of the others it shows ids, errors or nothing. */
  private static final Set<MapType> TYPED =
      Set.of(
          MapType.HASH,
          MapType.LRU_HASH,
          MapType.PERCPU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.ARRAY,
          MapType.PERCPU_ARRAY,
          MapType.LPM_TRIE);

  @TempDir Path folder;

  @Test
  void mapsAreDumpedAsBpftoolDumpsThem() throws Exception {
    Clang.assume();
    BpfTool.assume();
    BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
    int compared = 0;
    try (BpfTool.Loaded kernel = BpfTool.load(Clang.objectFile(folder, SOURCE, OPTIONS));
        Region region = Region.reserve(1 << 24);
        LoadedObject here = load(object, region)) {
      assertThat(kernel.program("fill").run(new byte[64]).returnCode()).isEqualTo(2);
      TestRun.run(here.programs().getFirst(), new XdpContext(region, 0), new byte[64], 1);
      for (BpfMap map : here.maps()) {
        if (TYPED.contains(map.spec().type())) {
          List<String> theirs = formatted(kernel.dump(map.spec()));
          assertThat(ours(object, map)).as(map.name()).isEqualTo(theirs).isNotEmpty();
          compared += theirs.size();
        }
      }
    }
    System.out.printf("map dump: %d entries as bpftool prints them, by type%n", compared);
    assertThat(compared).isGreaterThan(12);
  }

  private static LoadedObject load(BpfObject object, Region region) throws Exception {
    LoadOptions options =
        new LoadOptions(KernelOracle.possibleCpus(), false, false, Set.of("fill"));
    return LoadedObject.load(object, region, options);
  }

  /** What bpftool prints by type, in an order of our own. */
  private static List<String> formatted(String json) {
    List<String> all = new ArrayList<>();
    for (Object entry : (List<?>) JsonTree.of(json)) {
      Map<?, ?> typed = (Map<?, ?>) ((Map<?, ?>) entry).get("formatted");
      List<String> values = new ArrayList<>();
      if (typed.get("values") instanceof List<?> list) {
        list.forEach(cpu -> values.add(asHere(((Map<?, ?>) cpu).get("value"))));
      } else {
        values.add(asHere(variables(typed.get("value"))));
      }
      values.sort(null);
      all.add((typed.containsKey("key") ? asHere(typed.get("key")) : "0") + "=" + values);
    }
    all.sort(null);
    return all;
  }

  /** A section's variables are one object here, and a list of one each there. */
  private static Object variables(Object value) {
    boolean section =
        value instanceof Map<?, ?> map
            && map.size() == 1
            && map.keySet().iterator().next().toString().startsWith(".");
    if (!section) {
      return value;
    }
    Map<Object, Object> all = new LinkedHashMap<>();
    List<?> list = (List<?>) ((Map<?, ?>) value).values().iterator().next();
    list.forEach(one -> all.putAll((Map<?, ?>) one));
    return all;
  }

  /**
   * bpftool's value as ours is: bitfields are numbers with their sign here and hexadecimal there; a
   * pointer is hexadecimal here and a number there; members of an anonymous union are the outer
   * one's own here, and have no name there.
   */
  private static String asHere(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      return value instanceof List<?> list
          ? list.stream().map(MapDumpOracleTest::asHere).toList().toString()
          : String.valueOf(value);
    }
    Map<Object, String> members = new LinkedHashMap<>();
    map.forEach(
        (name, member) -> {
          switch (String.valueOf(name)) {
            case "" -> ((Map<?, ?>) member).forEach((n, m) -> members.put(n, asHere(m)));
            case "low", "high" -> members.put(name, String.valueOf(hexadecimal(member)));
            case "signs" -> members.put(name, String.valueOf(hexadecimal(member) << 28 >> 28));
            case "pointer" ->
                members.put(name, "0x" + Long.toHexString(Long.parseLong((String) member)));
            default -> members.put(name, asHere(member));
          }
        });
    return members.toString();
  }

  private static int hexadecimal(Object text) {
    return Integer.decode((String) text);
  }

  private static List<String> ours(BpfObject object, BpfMap map) {
    MapText text = new MapText(map.spec(), object.btf());
    List<String> all = new ArrayList<>();
    for (byte[] key : map.keys()) {
      byte[] bytes = map.get(key);
      int stride = bytes.length / map.valuesPerKey();
      List<String> values = new ArrayList<>();
      for (int at = 0; at < bytes.length; at += stride) {
        byte[] value = Arrays.copyOfRange(bytes, at, at + map.spec().valueSize());
        values.add(String.valueOf(JsonTree.of(text.valueJson(value))));
      }
      values.sort(null);
      all.add(JsonTree.of(text.keyJson(key)) + "=" + values);
    }
    all.sort(null);
    return all;
  }
}
