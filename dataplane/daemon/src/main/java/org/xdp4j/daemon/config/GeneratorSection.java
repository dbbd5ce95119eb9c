package org.xdp4j.daemon.config;

import org.xdp4j.daemon.config.schema.BadValueException;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.FrameSizes;
import org.xdp4j.engine.port.GeneratorOptions;
import org.xdp4j.engine.port.GeneratorOptions.FlowOrder;
import org.xdp4j.engine.port.Pace;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

/** What a port of the type {@code generator} has. */
final class GeneratorSection {
  private static final GeneratorOptions DEFAULTS = GeneratorOptions.of(0, FrameSizes.MIN, 1);
  private static final int MAX_PORT = 0xffff;
  private static final int MAX_FLOWS = 1 << 24;

  static final Section SECTION =
      Section.variant(
          PortSection.SECTION,
          "generator",
          "Makes frames: UDP over IPv4. Flow `f` is from `source` + f, port 1024 + f mod 60,000, to"
              + " `destination` + f mod `destinations`.");

  private static final Key<FrameSizes> SIZES =
      SECTION.defaulted(
          "sizes",
          sizes(),
          DEFAULTS.sizes(),
          "`" + FrameSizes.MIN + "`",
          "Lengths of frames in bytes, without the check sequence: one length, a range of them as"
              + " in `\"64-1500\"`, or `\"imix\"` (of 48 frames 28 have 64 bytes on the wire, 16"
              + " have 570 and 4 have 1518).");
  private static final Key<Integer> FLOWS =
      SECTION.defaulted("flows", Values.integer(1, MAX_FLOWS), 1, "How many flows.");
  private static final Key<FlowOrder> ORDER =
      SECTION.defaulted(
          "order",
          Values.oneOf(FlowOrder.class),
          FlowOrder.IN_TURN,
          "`\"in-turn\"`",
          "Which flow comes next: one after the other, any (`uniform`), or few of them most of the"
              + " time (`zipf`).");
  private static final Key<Long> FRAMES =
      SECTION.optional(
          "frames", Values.wholeNumber(1, Long.MAX_VALUE), "no end", "How many frames in all.");
  private static final Key<Pace> PACE = PaceKey.in(SECTION, false);
  private static final Key<Long> SEED =
      SECTION.defaulted(
          "seed",
          Values.wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE),
          DEFAULTS.seed(),
          "Of all that is random: the same seed makes the same frames.");
  private static final Key<Long> SOURCE_MAC =
      SECTION.defaulted(
          "source-mac",
          Values.MAC,
          DEFAULTS.sourceMac(),
          "`\"" + MacAddress.format(DEFAULTS.sourceMac()) + "\"`",
          "The hardware address frames are from.");
  private static final Key<Long> DESTINATION_MAC =
      SECTION.optional(
          "destination-mac",
          Values.MAC,
          "the port's own `mac` where that is said, else `\""
              + MacAddress.format(DEFAULTS.destinationMac())
              + "\"`",
          "The hardware address frames are to.");
  private static final Key<IpAddress> SOURCE =
      SECTION.defaulted(
          "source",
          Values.ADDRESS4,
          IpAddress.of(DEFAULTS.source()),
          "`\"" + IpAddress.of(DEFAULTS.source()) + "\"`",
          "The first source address.");
  private static final Key<IpAddress> DESTINATION =
      SECTION.defaulted(
          "destination",
          Values.ADDRESS4,
          IpAddress.of(DEFAULTS.destination()),
          "`\"" + IpAddress.of(DEFAULTS.destination()) + "\"`",
          "The first destination address.");
  private static final Key<Integer> DESTINATIONS =
      SECTION.defaulted(
          "destinations", Values.integer(1, MAX_FLOWS), 1, "How many destination addresses.");
  private static final Key<Integer> PORT =
      SECTION.defaulted(
          "destination-port",
          Values.integer(0, MAX_PORT),
          DEFAULTS.port(),
          "The destination port.");

  private GeneratorSection() {}

  private static ValueType<FrameSizes> sizes() {
    ValueType<Integer> length = Values.integer(FrameSizes.MIN, FramePool.maxLength());
    String description = length.description() + ", a range of them or \"imix\"";
    return new ValueType<>(
        description,
        (written, problems) -> {
          if (written.value() instanceof String text) {
            return sizes(text, description);
          }
          return new FrameSizes.Fixed(length.reader().read(written, problems));
        });
  }

  private static FrameSizes sizes(String text, String description) throws BadValueException {
    if (text.equals("imix")) {
      return new FrameSizes.Imix();
    }
    if (!text.matches("[0-9]{1,9}-[0-9]{1,9}")) {
      throw new BadValueException("wants " + description, "write 60, \"64-1500\" or \"imix\"");
    }
    int dash = text.indexOf('-');
    return new FrameSizes.Range(
        Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
  }

  /**
   * What it says.
   *
   * @param own the port's own hardware address; 0 when it is not said
   */
  static GeneratorOptions read(Table table, long own) {
    Long frames = table.get(FRAMES);
    Long to = table.get(DESTINATION_MAC);
    long fallback = own != 0 ? own : DEFAULTS.destinationMac();
    return new GeneratorOptions(
        frames == null ? Long.MAX_VALUE : frames,
        table.get(PACE),
        table.get(SIZES),
        table.get(FLOWS),
        table.get(ORDER),
        table.get(SEED),
        table.get(SOURCE_MAC),
        to == null ? fallback : to,
        table.get(SOURCE).ipv4(),
        table.get(DESTINATION).ipv4(),
        table.get(DESTINATIONS),
        table.get(PORT));
  }
}
