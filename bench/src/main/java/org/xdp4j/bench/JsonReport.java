package org.xdp4j.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/** Rows and the machine they were measured on, as one JSON object. */
final class JsonReport {
  private final JsonGenerator json;

  private JsonReport(JsonGenerator json) {
    this.json = json;
  }

  static String of(Map<String, String> machine, List<Row> rows) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      new JsonReport(json).write(machine, rows);
    }
    return text.append('\n').toString();
  }

  private void write(Map<String, String> machine, List<Row> rows) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("machine");
    for (Map.Entry<String, String> part : machine.entrySet()) {
      json.writeStringField(part.getKey(), part.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("rows");
    for (Row row : rows) {
      write(row);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(Row row) throws IOException {
    json.writeStartObject();
    json.writeStringField("benchmark", row.benchmark());
    json.writeStringField("workload", row.workload());
    json.writeStringField("unit", row.unit().symbol());
    write("ours", row.ours());
    if (row.peer() != null) {
      json.writeStringField("peer", row.peer());
    }
    if (row.theirs() != null) {
      write("theirs", row.theirs());
      write("ratio", row.ratio());
    }
    if (!Double.isNaN(row.bar())) {
      json.writeNumberField("bar", row.bar());
      json.writeBooleanField("reached", row.reached());
    }
    if (row.missing() != null) {
      json.writeStringField("missing", row.missing());
    }
    if (!Double.isNaN(row.allocated())) {
      json.writeNumberField("bytesAllocatedAFrame", row.allocated());
    }
    if (row.latency() != null) {
      write(row.latency());
    }
    json.writeEndObject();
  }

  private void write(String name, Samples samples) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("median", samples.median());
    json.writeNumberField("least", samples.least());
    json.writeNumberField("most", samples.most());
    json.writeNumberField("rounds", samples.count());
    json.writeEndObject();
  }

  private void write(Percentiles latency) throws IOException {
    json.writeObjectFieldStart("latencyNanos");
    json.writeNumberField("p50", latency.p50());
    json.writeNumberField("p99", latency.p99());
    json.writeNumberField("p99.99", latency.p9999());
    json.writeNumberField("max", latency.most());
    json.writeEndObject();
  }
}
