package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import org.xdp4j.engine.forward.DropCount;
import org.xdp4j.engine.forward.ForwardBooks;

/** What became of every frame, as people and programs read it. */
final class BooksText {
  private BooksText() {}

  static void print(ForwardBooks books, PrintStream out) {
    out.println(
        Units.count(books.received())
            + " received + "
            + Units.count(books.generated())
            + " generated = "
            + Units.count(books.transmitted())
            + " transmitted + "
            + Units.count(books.punted())
            + " punted + "
            + Units.count(books.delivered())
            + " delivered + "
            + Units.count(books.dropped())
            + " dropped");
    TextTable table = new TextTable("lrl");
    for (DropCount drop : books.drops()) {
      if (drop.frames() > 0) {
        table.row(drop.reason(), Units.count(drop.frames()), drop.sentence());
      }
    }
    table.print(out, "  ");
    out.flush();
  }

  static void write(ForwardBooks books, JsonGenerator generator) throws IOException {
    generator.writeNumberField("received", books.received());
    generator.writeNumberField("received_bytes", books.receivedBytes());
    generator.writeNumberField("generated", books.generated());
    generator.writeNumberField("transmitted", books.transmitted());
    generator.writeNumberField("transmitted_bytes", books.transmittedBytes());
    generator.writeNumberField("punted", books.punted());
    generator.writeNumberField("delivered", books.delivered());
    generator.writeNumberField("dropped", books.dropped());
    generator.writeNumberField("in_flight", books.inFlight());
    generator.writeFieldName("drops");
    generator.writeStartObject();
    for (DropCount drop : books.drops()) {
      generator.writeNumberField(drop.reason(), drop.frames());
    }
    generator.writeEndObject();
  }
}
