package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.MapText;
import org.xdp4j.bpf.text.TypeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j maps}: the maps an object file defines. */
@Command(
    name = "maps",
    description = {
      "Lists the maps of an object file, and what its global variables hold at first.",
      "",
      "With --json each line is one map."
    },
    footer = {"  xdp4j maps filters/firewall.bpf.o", "  xdp4j maps --json filters/router.bpf.o"})
final class MapsCommand extends Verb {
  @Parameters(paramLabel = "OBJ", description = "An object file that clang built.")
  private Path file;

  MapsCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    BpfObject object = ObjectFile.read(file);
    if (json) {
      for (MapSpec spec : object.maps()) {
        Json.line(console.out(), generator -> write(generator, object, spec));
      }
    } else if (object.maps().isEmpty()) {
      console.out().println(file + ": there are no maps in it");
    } else {
      print(object);
    }
    return ExitStatus.OK;
  }

  private void print(BpfObject object) {
    TextTable table = new TextTable("llllrl");
    table.row("map", "type", "key", "value", "entries", "flags");
    for (MapSpec spec : object.maps()) {
      table.row(
          spec.name(),
          type(spec),
          sized(TypeText.name(object.btf(), spec.keyBtf()), spec.keySize()),
          sized(TypeText.name(object.btf(), spec.valueBtf()), spec.valueSize()),
          Units.count(Integer.toUnsignedLong(spec.maxEntries())),
          String.join(" ", flags(spec)));
    }
    table.print(console.out(), "");
    MapPrinter printer = new MapPrinter(console.out(), object.btf());
    for (MapSpec spec : object.maps()) {
      if (spec.problem() != null) {
        console.out().println();
        console.out().println(spec.name() + ": cannot be made: " + spec.problem());
      } else if (spec.data() != null) {
        console.out().println();
        console.out().println(spec.name() + (spec.frozen() ? ", read-only" : ""));
        printer.value(spec, spec.data(), "  ");
      }
    }
  }

  private static String sized(String name, int size) {
    return (name.equals("?") ? "" : name + ", ")
        + Units.counted(Integer.toUnsignedLong(size), "byte");
  }

  private static String type(MapSpec spec) {
    return spec.type() == null
        ? "type " + Integer.toUnsignedString(spec.typeId())
        : spec.type().name();
  }

  private static List<String> flags(MapSpec spec) {
    List<String> names = new ArrayList<>();
    int left = spec.flags();
    for (MapFlag flag : MapFlag.values()) {
      if ((spec.flags() & flag.bit()) != 0) {
        names.add(flag.name());
        left &= ~flag.bit();
      }
    }
    if (left != 0) {
      names.add("0x" + Integer.toHexString(left));
    }
    return names;
  }

  private static void write(JsonGenerator generator, BpfObject object, MapSpec spec)
      throws IOException {
    generator.writeStringField("object", object.file());
    generator.writeStringField("map", spec.name());
    generator.writeStringField("type", type(spec));
    generator.writeStringField("keyType", TypeText.name(object.btf(), spec.keyBtf()));
    generator.writeNumberField("keySize", Integer.toUnsignedLong(spec.keySize()));
    generator.writeStringField("valueType", TypeText.name(object.btf(), spec.valueBtf()));
    generator.writeNumberField("valueSize", Integer.toUnsignedLong(spec.valueSize()));
    generator.writeNumberField("maxEntries", Integer.toUnsignedLong(spec.maxEntries()));
    Json.array(
        generator,
        "flags",
        array -> {
          for (String flag : flags(spec)) {
            array.writeString(flag);
          }
        });
    generator.writeBooleanField("readOnly", spec.frozen());
    generator.writeFieldName("initial");
    if (spec.data() == null || spec.problem() != null) {
      generator.writeNull();
    } else {
      generator.writeRawValue(new MapText(spec, object.btf()).valueJson(spec.data()));
    }
    Json.string(generator, "problem", spec.problem());
  }
}
