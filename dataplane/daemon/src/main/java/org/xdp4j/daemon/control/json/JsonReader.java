package org.xdp4j.daemon.control.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON value. What would cost much is refused: deep nesting, long numbers, names that
 * come twice.
 */
public final class JsonReader {
  /** Arrays and objects within each other. */
  static final int MAX_DEPTH = 32;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(64)
                  .maxNameLength(1024)
                  .build())
          .build();

  private JsonReader() {}

  /** Reads {@code text}, which must be one value and nothing else. */
  public static Object read(byte[] text) throws JsonException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new JsonException("there is no JSON in it");
      }
      Object value = value(parser, token);
      if (parser.nextToken() != null) {
        throw new JsonException("there is more behind the JSON value");
      }
      return value;
    } catch (JsonProcessingException e) {
      String reason = reason(e);
      var at = e.getLocation();
      throw new JsonException(
          "it is not JSON"
              + (at == null
                  ? ""
                  : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")")
              + ": "
              + reason);
    } catch (IOException e) {
      throw new JsonException("it is not JSON: " + e.getMessage());
    }
  }

  /** Jackson's words, without where it says the text came from. */
  private static String reason(JsonProcessingException e) {
    return String.valueOf(e.getOriginalMessage())
        .replaceAll("\\s+", " ")
        .replaceAll(" ?\\((start marker|for [^()]*?) at \\[[^]]*]\\)", "")
        .replaceAll(" ?\\[Source: [^]]*]", "")
        .replaceAll("\\(byte\\[]\\)", "")
        .replaceAll(" at \\(.*$", "")
        .strip();
  }

  /** Reads an object. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> readObject(byte[] text) throws JsonException {
    if (read(text) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new JsonException("it is JSON but not an object");
  }

  private static Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  /** A long where it fits, else the number as it was written: an unsigned 64-bit one, mostly. */
  private static Object integer(JsonParser parser) throws IOException {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? parser.getText()
        : (Object) parser.getLongValue();
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      members.put(name, value(parser, parser.nextToken()));
    }
    return members;
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(value(parser, token));
    }
    return elements;
  }
}
