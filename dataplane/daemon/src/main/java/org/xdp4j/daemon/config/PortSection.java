package org.xdp4j.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.BadValueException;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.capture.FilterCompiler;
import org.xdp4j.engine.capture.FilterException;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.Pace;

/** {@code [port.NAME]}: one variant for each kind of port. */
final class PortSection {
  /** The kinds, as {@code type} names them. */
  enum Kind {
    TAP,
    LIVE,
    PACKET_RING,
    AF_XDP,
    CAPTURE_IN,
    CAPTURE_OUT,
    GENERATOR,
    NULL,
    LOOPBACK
  }

  private static final String NETNS = "netns";
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65_535;
  private static final int MAX_QUEUES = 256;
  private static final int MAX_DEVICE_NAME = 15; // IFNAMSIZ of linux/if.h, less the final zero

  static final Section SECTION =
      Section.named("port", "Where frames come from and go to. `NAME` is what the file calls it.");

  private static final Key<Kind> TYPE =
      SECTION.required("type", Values.oneOf(Kind.class), "What kind of port it is.");
  private static final Key<Integer> IFINDEX =
      SECTION.optional(
          "ifindex",
          Values.integer(1, 65_535),
          "the first that is free",
          "The interface index that programs see, in `ctx->ingress_ifindex` and in device maps.");
  private static final Key<Long> MAC =
      SECTION.optional(
          "mac",
          Values.MAC,
          "the device's, or one made from the name",
          "Its hardware address on our side.");
  private static final Key<Integer> MTU =
      SECTION.optional(
          "mtu",
          Values.integer(MIN_MTU, MAX_MTU),
          "the device's, or 1500",
          "The largest IP packet, in bytes.");
  private static final Key<Integer> QUEUES =
      SECTION.optional(
          "queues",
          Values.integer(1, MAX_QUEUES),
          "one a worker where the kind has several, else 1",
          "How many queues it has.");

  static {
    SECTION.with(FaultSection.SECTION);
  }

  private static final ValueType<String> DEVICE_NAME =
      ValueType.ofText("interface of this system", PortSection::deviceName);

  /** As every kind with a device has it. */
  private static final Key<String> NAMESPACE =
      new Key<>(NETNS, DEVICE_NAME, null, "", false, "The network namespace.");

  private static final Section TAP =
      Section.variant(
          SECTION,
          "tap",
          "An interface of this system whose other end is here. It is made when it is not there,"
              + " which needs CAP_NET_ADMIN; one made beforehand for a user (`ip tuntap add dev"
              + " tap0 mode tap user xdp4j multi_queue`) needs none.");
  private static final Key<String> TAP_DEVICE = device(TAP);
  private static final Key<Boolean> OFFLOAD =
      TAP.defaulted(
          "offload",
          Values.BOOLEAN,
          true,
          "Whether the system's stack may hand over large TCP segments and unfinished checksums as"
              + " they are (IFF_VNET_HDR), and gets them so.");
  private static final Key<Integer> QUEUE_LENGTH =
      TAP.optional(
          "queue-length",
          Values.integer(1, 1 << 16),
          "as it is, which is 1000 for a new one",
          "How many frames can wait in the interface (`txqueuelen`) for each queue of the port,"
              + " while its worker gets no processor. More of them are dropped by the kernel; `show"
              + " ports` has their count. 4096 frames are 40 ms of 100,000 a second.");

  private static final String PARTIAL =
      " Where a sender leaves checksums to a device that is not there, as the other end of a veth"
          + " pair does, nothing says so here; it is recognised by the packet (its checksum is"
          + " exactly its pseudo header's sum), and the checksum is completed when the packet"
          + " leaves; `show ports` counts them. A TCP segment that was yet to be cut is cut, where"
          + " this port gets one.";

  private static final Section LIVE =
      Section.variant(
          SECTION,
          "live",
          "An interface of this system, through libpcap. Needs CAP_NET_RAW." + PARTIAL);
  private static final Key<String> LIVE_DEVICE = device(LIVE);
  private static final Key<String> FILTER =
      LIVE.defaulted(
          "filter",
          Values.TEXT,
          "",
          "`\"\"`",
          "A tcpdump expression: only frames it fits come in (pcap-filter(7)).");
  private static final Key<Boolean> PROMISCUOUS =
      LIVE.defaulted(
          "promiscuous", Values.BOOLEAN, true, "Whether frames to other stations come in too.");

  private static final Section PACKET_RING =
      Section.variant(
          SECTION,
          "packet-ring",
          "An interface of this system, through the memory-mapped rings of packet(7). Needs"
              + " CAP_NET_RAW.");
  private static final Key<String> RING_DEVICE = device(PACKET_RING);

  private static final Section AF_XDP =
      Section.variant(
          SECTION,
          "af-xdp",
          "An interface of this system, through AF_XDP sockets. Needs CAP_NET_RAW and CAP_BPF (or"
              + " root)."
              + PARTIAL);
  private static final Key<String> XDP_DEVICE = device(AF_XDP);

  private static final Section CAPTURE_IN =
      Section.variant(SECTION, "capture-in", "Captures whose frames come in; pcap or pcapng.");
  private static final Key<List<Located<Path>>> FILES =
      CAPTURE_IN.required(
          "files", ValueType.nonEmptyListOf(Values.PATH), "Read one after the other.");
  private static final Key<Long> REPEAT =
      CAPTURE_IN.defaulted(
          "repeat",
          Values.wholeNumber(1, Integer.MAX_VALUE),
          1L,
          "How often all of them are read.");
  private static final Key<Pace> CAPTURE_PACE = PaceKey.in(CAPTURE_IN, true);

  private static final Section CAPTURE_OUT =
      Section.variant(
          SECTION,
          "capture-out",
          "A capture that frames go to; pcapng when the name ends so, else pcap.");
  private static final Key<Path> FILE =
      CAPTURE_OUT.required("file", Values.PATH, "Where it is; overwritten when it is there.");
  private static final Key<Long> ROTATE_SIZE =
      CAPTURE_OUT.optional(
          "rotate-size",
          Values.size(4096, 1L << 50),
          "never",
          "A new file is begun when this one has so many bytes.");
  private static final Key<Long> ROTATE_AFTER =
      CAPTURE_OUT.optional(
          "rotate-after",
          Values.duration(1_000_000_000L, 31_536_000_000_000_000L),
          "never",
          "A new file is begun when this one is so old.");
  private static final Key<Integer> KEEP =
      CAPTURE_OUT.defaulted(
          "keep",
          Values.integer(0, 100_000),
          0,
          "`0`: all",
          "How many files that were put aside are kept, beside the one that is written to.");

  private static final Section GENERATOR = GeneratorSection.SECTION;

  private static final Section NULL =
      Section.variant(SECTION, "null", "Nothing comes in, and what goes out is gone.");

  private static final Section LOOPBACK =
      Section.variant(
          SECTION, "loopback", "One end of a wire inside the daemon; both ends name each other.");
  private static final Key<String> PEER =
      LOOPBACK.required("peer", Values.NAME_OF_SECTION, "The port that is the other end.");
  private static final Key<Integer> CAPACITY =
      LOOPBACK.defaulted(
          "capacity",
          Values.integer(2, 1 << 20),
          1024,
          "Frames that can be on the wire, each way and queue.");

  /** The variants, in the order of their kinds. */
  static final Map<Kind, Section> VARIANTS =
      new EnumMap<>(
          Map.of(
              Kind.TAP, TAP,
              Kind.LIVE, LIVE,
              Kind.PACKET_RING, PACKET_RING,
              Kind.AF_XDP, AF_XDP,
              Kind.CAPTURE_IN, CAPTURE_IN,
              Kind.CAPTURE_OUT, CAPTURE_OUT,
              Kind.GENERATOR, GENERATOR,
              Kind.NULL, NULL,
              Kind.LOOPBACK, LOOPBACK));

  private static final Section ANY = Section.anyOf(SECTION, VARIANTS.values());

  private PortSection() {}

  private static Key<String> device(Section section) {
    section.optional(
        NETNS,
        DEVICE_NAME,
        "the daemon's own",
        "The network namespace it is in, as `ip netns` knows it. Needs CAP_SYS_ADMIN.");
    return section.optional(
        "device", DEVICE_NAME, "the port's name", "The interface's name in this system.");
  }

  private static String deviceName(String text) throws BadValueException {
    boolean fits =
        !text.isEmpty()
            && text.length() <= MAX_DEVICE_NAME
            && !text.equals(".")
            && !text.equals("..")
            && text.chars().allMatch(c -> c > ' ' && c < 127 && c != '/' && c != ':');
    if (!fits) {
      throw new BadValueException(
          "\"" + text + "\" is no interface's name",
          "it has 1 to 15 characters without blanks, slashes and colons");
    }
    return text;
  }

  static List<PortPlan> read(Table root, Scope scope) {
    List<Table> tables = root.tablesOfVariants(SECTION);
    tables.forEach(table -> scope.portNames.add(table.name()));
    for (Table table : tables) {
      checkName(table);
      Kind kind = table.get(TYPE);
      if (kind == null) {
        table.as(ANY);
      } else {
        PortPlan plan =
            FaultSection.around(readKind(kind, table.as(VARIANTS.get(kind)), scope), table);
        if (plan != null) {
          scope.ports.put(plan.name(), table.locate(plan));
        }
      }
    }
    PortCheck.check(scope);
    return scope.ports.values().stream().map(Located::value).toList();
  }

  private static void checkName(Table table) {
    try {
      Values.name(table.name());
    } catch (BadValueException e) {
      table.report(e.getMessage(), e.advice());
    }
  }

  private static PortPlan readKind(Kind kind, Table table, Scope scope) {
    PortSettings settings = settings(table);
    return switch (kind) {
      case TAP ->
          new PortPlan.Tap(
              settings,
              device(table, TAP_DEVICE),
              table.get(OFFLOAD),
              table.find(QUEUE_LENGTH).map(Located::value).orElse(0));
      case LIVE ->
          new PortPlan.Live(
              settings, device(table, LIVE_DEVICE), filter(table), table.get(PROMISCUOUS));
      case PACKET_RING -> new PortPlan.PacketRing(settings, device(table, RING_DEVICE));
      case AF_XDP -> new PortPlan.AfXdp(settings, device(table, XDP_DEVICE));
      case CAPTURE_IN -> captureIn(settings, table, scope);
      case CAPTURE_OUT -> captureOut(settings, table, scope);
      case GENERATOR ->
          new PortPlan.Generator(settings, GeneratorSection.read(table, settings.mac()));
      case NULL -> new PortPlan.Null(settings);
      case LOOPBACK -> loopback(settings, table);
    };
  }

  private static PortSettings settings(Table table) {
    return new PortSettings(
        table.name(),
        orZero(table.get(IFINDEX)),
        table.find(MAC).map(Located::value).orElse(0L),
        orZero(table.get(MTU)),
        orZero(table.get(QUEUES)));
  }

  private static int orZero(Integer value) {
    return value == null ? 0 : value;
  }

  /** The interface, with its namespace before it where that is not the daemon's. */
  private static String device(Table table, Key<String> key) {
    String device = ownDevice(table, key);
    String namespace = table.get(NAMESPACE);
    return namespace == null || device == null ? device : namespace + "/" + device;
  }

  private static String ownDevice(Table table, Key<String> key) {
    if (table.has(key)) {
      return table.get(key);
    }
    try {
      return deviceName(table.name());
    } catch (BadValueException e) {
      table.report("its name cannot be an interface's name, too", "say which it is with device");
      return null;
    }
  }

  /** Where there is no libpcap, the port cannot be opened anyway. */
  private static String filter(Table table) {
    String filter = table.get(FILTER);
    try {
      if (!filter.isBlank() && FilterCompiler.isAvailable()) {
        FilterCompiler.compile(filter);
      }
    } catch (FilterException e) {
      table.report(FILTER, e.getMessage(), "");
    }
    return filter;
  }

  private static PortPlan captureIn(PortSettings settings, Table table, Scope scope) {
    List<Path> files = table.list(FILES).stream().map(each -> scope.resolve(each.value())).toList();
    for (Located<Path> each : table.list(FILES)) {
      String wrong = FileReference.noCapture(scope.resolve(each.value()));
      if (wrong != null) {
        scope.report(each, wrong, "");
      }
    }
    return new PortPlan.CaptureInput(settings, files, table.get(CAPTURE_PACE), table.get(REPEAT));
  }

  private static PortPlan captureOut(PortSettings settings, Table table, Scope scope) {
    Path file = table.get(FILE);
    if (file == null) {
      return null;
    }
    Path resolved = scope.resolve(file);
    String wrong = FileReference.unwritable(resolved);
    if (wrong != null) {
      table.report(FILE, wrong, "");
    }
    Long size = table.get(ROTATE_SIZE);
    Long after = table.get(ROTATE_AFTER);
    return new PortPlan.CaptureOutput(
        settings,
        resolved,
        size == null ? 0 : size,
        after == null ? null : Duration.ofNanos(after),
        table.get(KEEP));
  }

  private static PortPlan loopback(PortSettings settings, Table table) {
    String peer = table.get(PEER);
    return peer == null ? null : new PortPlan.Loopback(settings, peer, table.get(CAPACITY));
  }
}
