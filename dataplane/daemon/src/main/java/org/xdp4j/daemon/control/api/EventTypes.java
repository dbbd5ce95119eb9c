package org.xdp4j.daemon.control.api;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.json.RawJson;
import org.xdp4j.daemon.control.view.MapHandle;

/** What records of ring buffers and perf events begin with, as a client says for each map. */
final class EventTypes {
  private final Map<String, Typed> types = new HashMap<>();

  private record Typed(Btf btf, int type) {}

  private EventTypes() {}

  /**
   * Reads {@code MAP=TYPE} each.
   *
   * @throws Problem when there is no such map or its program's BTF has no such type
   */
  static EventTypes of(List<String> texts, List<MapHandle> maps) throws Problem {
    EventTypes types = new EventTypes();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw Problem.bad("the parameter type is MAP=TYPE, not " + text);
      }
      String name = text.substring(0, equals);
      MapHandle map =
          maps.stream()
              .filter(each -> each.name().equals(name))
              .findFirst()
              .orElseThrow(() -> Problem.missing("there is no map '" + name + "'"));
      types.types.put(name, new Typed(map.btf(), type(map, text.substring(equals + 1))));
    }
    return types;
  }

  private static int type(MapHandle map, String name) throws Problem {
    String bare = name.replaceFirst("^(struct|union)\\s+", "");
    for (Class<? extends BtfType> kind :
        List.of(BtfType.Struct.class, BtfType.Typedef.class, BtfType.Int.class)) {
      int id = map.btf().find(kind, bare);
      if (id != 0 && map.btf().sizeOf(id) > 0) {
        return id;
      }
    }
    throw Problem.missing(
        "the BTF of program " + map.program() + " has no type " + name + " of a known size");
  }

  /** A record's value; null when nothing is known of it, or it is too short. */
  RawJson value(String map, byte[] data) {
    Typed typed = types.get(map);
    if (typed == null || data == null || typed.btf().sizeOf(typed.type()) > data.length) {
      return null;
    }
    byte[] value = Arrays.copyOf(data, typed.btf().sizeOf(typed.type()));
    return new RawJson(BtfPrinter.json(typed.btf(), typed.type(), value));
  }
}
