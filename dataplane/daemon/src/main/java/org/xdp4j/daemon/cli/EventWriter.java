package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;

/**
 * What a program says, as it says it: records of ring buffers, perf events and lines of {@code
 * bpf_printk}, a JSON object on a line each, with the record's fields when its type was named. Used
 * by one thread at a time.
 */
final class EventWriter implements AutoCloseable {
  /** The name of a file that stands for standard output. */
  private static final String STDOUT = "-";

  private static final int BUFFER = 1 << 16;

  private final String file;
  private final PrintStream out;

  /** What is behind {@link #out}; null for standard output, which is not this one's. */
  private final ReasonedOutput owned;

  private final Map<String, Type> types;

  /** A type, by its id in the types of one object. */
  private record Type(Btf btf, int id) {
    int size() {
      return btf.sizeOf(id);
    }
  }

  private EventWriter(String file, PrintStream out, ReasonedOutput owned, Map<String, Type> types) {
    this.file = file;
    this.out = out;
    this.owned = owned;
    this.types = types;
  }

  /**
   * Opens {@code file}.
   *
   * @param typed {@code MAP=TYPE} each: the struct, union or typedef that a map's records begin
   *     with
   * @throws CliException when it cannot be, or the object has no such map or type
   */
  static EventWriter open(Console console, String file, List<BpfObject> objects, List<String> typed)
      throws CliException {
    Map<String, Type> types = types(objects, typed);
    if (file.equals(STDOUT)) {
      return new EventWriter(file, console.out(), null, types);
    }
    try {
      ReasonedOutput owned = new ReasonedOutput(Files.newOutputStream(Path.of(file)), BUFFER);
      PrintStream out = new PrintStream(owned, false, StandardCharsets.UTF_8);
      return new EventWriter(file, out, owned, types);
    } catch (IOException e) {
      throw CliException.unusable(Sentences.of(file, "written", e), e);
    }
  }

  private static Map<String, Type> types(List<BpfObject> objects, List<String> typed)
      throws CliException {
    Map<String, Type> types = declared(objects);
    for (String text : typed) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw CliException.unusable("--event-type is MAP=TYPE, not " + text);
      }
      String map = text.substring(0, equals);
      BpfObject owner =
          objects.stream()
              .filter(o -> o.maps().stream().map(MapSpec::name).anyMatch(map::equals))
              .findFirst()
              .orElseThrow(
                  () ->
                      CliException.unusable(
                          "--event-type " + text + ": the object has no map " + map));
      int id = type(owner.btf(), text, text.substring(equals + 1));
      types.put(map, new Type(owner.btf(), id));
    }
    return types;
  }

  /** What maps of events say of them: the first object that has a map of a name counts. */
  private static Map<String, Type> declared(List<BpfObject> objects) {
    Map<String, Type> types = new HashMap<>();
    for (BpfObject object : objects) {
      for (MapSpec map : object.maps()) {
        boolean events = map.type() == MapType.RINGBUF || map.type() == MapType.PERF_EVENT_ARRAY;
        if (events && map.valueBtf() != 0 && object.btf().sizeOf(map.valueBtf()) > 0) {
          types.putIfAbsent(map.name(), new Type(object.btf(), map.valueBtf()));
        }
      }
    }
    return types;
  }

  private static int type(Btf btf, String option, String name) throws CliException {
    String bare = name.replaceFirst("^(struct|union)\\s+", "");
    for (Class<? extends BtfType> kind :
        List.of(BtfType.Struct.class, BtfType.Typedef.class, BtfType.Int.class)) {
      int id = btf.find(kind, bare);
      if (id != 0 && btf.sizeOf(id) > 0) {
        return id;
      }
    }
    throw CliException.unusable(
        "--event-type " + option + ": the object's BTF has no type " + name + " of a known size");
  }

  /** One line of {@code bpf_printk}. */
  void printk(int cpu, String text) {
    Json.lineOfMany(
        out,
        generator -> {
          generator.writeStringField("event", "printk");
          generator.writeNumberField("cpu", cpu);
          generator.writeStringField("text", text);
        });
  }

  /** One perf event, as it was given. */
  void perfEvent(String map, int cpu, byte[] data) {
    Json.lineOfMany(
        out,
        generator -> {
          generator.writeStringField("event", "perf");
          generator.writeStringField("map", map);
          generator.writeNumberField("cpu", cpu);
          data(generator, map, data);
        });
  }

  /** One record of a ring buffer. */
  void record(String map, byte[] data) {
    Json.lineOfMany(
        out,
        generator -> {
          generator.writeStringField("event", "ringbuf");
          generator.writeStringField("map", map);
          data(generator, map, data);
        });
  }

  /** So many records of a map found no room since this was last said of it. */
  void lost(String map, long count) {
    Json.lineOfMany(
        out,
        generator -> {
          generator.writeStringField("event", "lost");
          generator.writeStringField("map", map);
          generator.writeNumberField("count", count);
        });
  }

  private void data(JsonGenerator generator, String map, byte[] data) throws IOException {
    generator.writeNumberField("size", data.length);
    generator.writeStringField("data", HexFormat.of().formatHex(data));
    Type type = types.get(map);
    if (type != null && type.size() <= data.length) {
      byte[] value = Arrays.copyOf(data, type.size());
      generator.writeFieldName("value");
      generator.writeRawValue(BtfPrinter.json(type.btf(), type.id(), value));
    }
  }

  /**
   * Writes what is left.
   *
   * @throws IOException when not everything could be written, with one sentence
   */
  @Override
  public void close() throws IOException {
    out.flush();
    if (owned == null) {
      return;
    }
    out.close();
    IOException reason = owned.reason();
    if (reason != null) {
      throw new IOException(Sentences.of(file, "written", reason), reason);
    }
  }
}
