package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Prints JSON objects, each on a line of its own, ASCII only. */
final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Json() {}

  /** Writes the members of an object, or the elements of an array. */
  @FunctionalInterface
  interface Content {
    void write(JsonGenerator generator) throws IOException;
  }

  /** Prints one object, ends the line and flushes. The line comes out whole or not at all. */
  static void line(PrintStream out, Content members) {
    lineOfMany(out, members);
    out.flush();
  }

  /** The same without flushing, for many lines. */
  static void lineOfMany(PrintStream out, Content members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      object(generator, members);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.print(text.append('\n'));
  }

  /** Writes an object as the value that comes next. */
  static void object(JsonGenerator generator, Content members) throws IOException {
    generator.writeStartObject();
    members.write(generator);
    generator.writeEndObject();
  }

  /** Writes an array under {@code name}. */
  static void array(JsonGenerator generator, String name, Content elements) throws IOException {
    generator.writeArrayFieldStart(name);
    elements.write(generator);
    generator.writeEndArray();
  }

  /** Writes a string under {@code name}, or null. */
  static void string(JsonGenerator generator, String name, String value) throws IOException {
    if (value == null) {
      generator.writeNullField(name);
    } else {
      generator.writeStringField(name, value);
    }
  }

  /** Writes a number under {@code name}, or null. */
  static void number(JsonGenerator generator, String name, Integer value) throws IOException {
    if (value == null) {
      generator.writeNullField(name);
    } else {
      generator.writeNumberField(name, value);
    }
  }
}
