package org.xdp4j.daemon.control.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;

/** Writes values as JSON, UTF-8. */
public final class JsonWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** The components of records, which reflection copies anew at each question. */
  private static final ClassValue<RecordComponent[]> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
          RecordComponent[] components = type.getRecordComponents();
          for (RecordComponent component : components) {
            component.getAccessor().setAccessible(true);
          }
          return components;
        }
      };

  private JsonWriter() {}

  /**
   * The value as JSON.
   *
   * @param value null, a string, number, boolean, enum constant (by its name in lower case with
   *     dashes), map, list, record, {@link RawJson}, or {@code byte[]} (in base64)
   */
  public static byte[] bytes(Object value) {
    return write(value, false);
  }

  /** The same, and the end of a line. */
  public static byte[] line(Object value) {
    return write(value, true);
  }

  private static byte[] write(Object value, boolean line) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      write(generator, value);
      if (line) {
        generator.writeRaw('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator to, Object value) throws IOException {
    switch (value) {
      case null -> to.writeNull();
      case String text -> to.writeString(text);
      case Integer number -> to.writeNumber(number);
      case Long number -> to.writeNumber(number);
      case Double number -> writeDouble(to, number);
      case Boolean flag -> to.writeBoolean(flag);
      case Enum<?> constant -> to.writeString(name(constant));
      case RawJson raw -> to.writeRawValue(raw.text());
      case byte[] bytes -> to.writeBinary(bytes);
      case Map<?, ?> map -> writeMap(to, map);
      case Iterable<?> list -> writeList(to, list);
      case Record record -> writeRecord(to, record);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  /** An enum constant as the API calls it: {@code NOT_ETHERNET} is {@code not-ethernet}. */
  public static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void writeDouble(JsonGenerator to, double number) throws IOException {
    if (Double.isFinite(number)) {
      to.writeNumber(number);
    } else {
      to.writeNull(); // JSON has no other word for it.
    }
  }

  private static void writeMap(JsonGenerator to, Map<?, ?> map) throws IOException {
    to.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      to.writeFieldName(String.valueOf(entry.getKey()));
      write(to, entry.getValue());
    }
    to.writeEndObject();
  }

  private static void writeList(JsonGenerator to, Iterable<?> list) throws IOException {
    to.writeStartArray();
    for (Object element : list) {
      write(to, element);
    }
    to.writeEndArray();
  }

  private static void writeRecord(JsonGenerator to, Record record) throws IOException {
    to.writeStartObject();
    for (RecordComponent component : COMPONENTS.get(record.getClass())) {
      to.writeFieldName(component.getName());
      try {
        write(to, component.getAccessor().invoke(record));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(e);
      }
    }
    to.writeEndObject();
  }
}
