package org.xdp4j.daemon.config.schema;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.MacAddress;

/** The types that values of keys have. */
public final class Values {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}");
  private static final int MAX_PORT = 0xffff;

  /** True or false. */
  public static final ValueType<Boolean> BOOLEAN =
      new ValueType<>(
          "true or false",
          (written, problems) -> {
            if (written.value() instanceof Boolean bool) {
              return bool;
            }
            throw ValueType.wrong("true or false", written.value());
          });

  /** Any text. */
  public static final ValueType<String> TEXT = ValueType.ofText("string", text -> text);

  /** The name of a section. */
  public static final ValueType<String> NAME_OF_SECTION = ValueType.ofText("name", Values::name);

  /** A file or folder. */
  public static final ValueType<Path> PATH = ValueType.ofText("path of a file", Values::path);

  /** An IPv4 or IPv6 address. */
  public static final ValueType<IpAddress> ADDRESS =
      ValueType.ofText("IPv4 or IPv6 address", IpAddress::parse);

  /** An IPv4 address. */
  public static final ValueType<IpAddress> ADDRESS4 =
      ValueType.ofText("IPv4 address", Values::ipv4);

  /** An address with the length of its network's prefix. */
  public static final ValueType<IpPrefix> ADDRESS_IN_NETWORK =
      ValueType.ofText("address with prefix length", Values::addressInNetwork);

  /** A network. */
  public static final ValueType<IpPrefix> PREFIX =
      ValueType.ofText("IPv4 or IPv6 prefix", Values::prefix);

  /** A station's hardware address. */
  public static final ValueType<Long> MAC = ValueType.ofText("hardware address", Values::mac);

  /** A size in bytes with a unit. */
  public static ValueType<Long> size(long first, long last) {
    return Quantity.BYTES.type("size", first, last);
  }

  /** A time, in nanoseconds, with a unit. */
  public static ValueType<Long> duration(long first, long last) {
    return Quantity.TIME.type("duration", first, last);
  }

  /** A rate in bits a second with a unit. */
  public static ValueType<Long> bitRate(long first, long last) {
    return Quantity.BIT_RATE.type("bit rate", first, last);
  }

  /** A rate in frames a second with a unit. */
  public static ValueType<Long> frameRate(long first, long last) {
    return Quantity.FRAME_RATE.type("frame rate", first, last);
  }

  /** Whole numbers from first to last. */
  public static ValueType<Integer> integer(int first, int last) {
    ValueType<Long> wide = wholeNumber(first, last);
    return new ValueType<>(
        wide.description(),
        (written, problems) -> wide.reader().read(written, problems).intValue());
  }

  /** Whole numbers from first to last. */
  public static ValueType<Long> wholeNumber(long first, long last) {
    String description = "number from " + first + " to " + last;
    return new ValueType<>(
        description,
        (written, problems) -> {
          if (!(written.value() instanceof Long number)) {
            throw ValueType.wrong(description, written.value());
          }
          if (number < first || number > last) {
            throw new BadValueException("is " + number + ", but can be " + first + " to " + last);
          }
          return number;
        });
  }

  /** A share from 0 to 1. */
  public static final ValueType<Double> SHARE =
      new ValueType<>(
          "number from 0 to 1",
          (written, problems) -> {
            double value =
                switch (written.value()) {
                  case Double number -> number;
                  case Long number -> number;
                  default -> throw ValueType.wrong("number from 0 to 1", written.value());
                };
            if (!(value >= 0 && value <= 1)) {
              throw new BadValueException("is " + value + ", but can be 0 to 1");
            }
            return value;
          });

  /** The constants of an enumeration, written in lower case with hyphens. */
  public static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    return oneOf(Arrays.asList(type.getEnumConstants()));
  }

  /** Some constants of an enumeration. */
  public static <E extends Enum<E>> ValueType<E> oneOf(List<E> constants) {
    Map<String, E> byName = new LinkedHashMap<>();
    constants.forEach(each -> byName.put(written(each), each));
    return oneOf(byName);
  }

  /** Names that stand for something. */
  public static <T> ValueType<T> oneOf(Map<String, T> byName) {
    String description =
        byName.keySet().stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(", "));
    return ValueType.ofText(
        description,
        text -> {
          T value = byName.get(text);
          if (value == null) {
            throw new BadValueException(
                "\"" + Toml.shorten(text) + "\" is none of " + description,
                Suggestion.nearest(text, byName.keySet())
                    .map(near -> "did you mean \"" + near + "\"?")
                    .orElse(""));
          }
          return value;
        });
  }

  /** How a constant of an enumeration is written. */
  public static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a text can be a section's name. */
  public static String name(String text) throws BadValueException {
    if (!NAME.matcher(text).matches()) {
      throw new BadValueException(
          "\"" + Toml.shorten(text) + "\" is no name",
          "letters, digits, and behind the first . : _ - make one, at most 63");
    }
    return text;
  }

  private static Path path(String text) throws BadValueException {
    try {
      if (text.isEmpty()) {
        throw new BadValueException("is empty, which is no file's name");
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new BadValueException("\"" + Toml.shorten(text) + "\" is no file's name");
    }
  }

  private static IpAddress ipv4(String text) throws BadValueException {
    IpAddress address = IpAddress.parse(text);
    if (address.isIpv6()) {
      throw new BadValueException(address + " is an IPv6 address; an IPv4 address is needed");
    }
    return address;
  }

  private static IpPrefix addressInNetwork(String text) throws BadValueException {
    if (text.indexOf('/') < 0) {
      IpAddress address = IpAddress.parse(text);
      String example = address + (address.isIpv6() ? "/64" : "/24");
      throw new BadValueException(
          "\"" + Toml.shorten(text) + "\" has no prefix length", "write it like " + example);
    }
    return IpPrefix.parse(text);
  }

  private static IpPrefix prefix(String text) throws BadValueException {
    if (text.equals("default")) {
      throw new BadValueException(
          "\"default\" does not say which family", "write 0.0.0.0/0 or ::/0");
    }
    IpPrefix prefix = IpPrefix.parse(text);
    if (!prefix.equals(prefix.network())) {
      throw new BadValueException(
          prefix + " has bits set behind its length", "the prefix is " + prefix.network());
    }
    return prefix;
  }

  private static Long mac(String text) throws BadValueException {
    long mac = MacAddress.parse(text);
    if (mac == 0 || (mac >>> 40 & 1) != 0) {
      throw new BadValueException(
          MacAddress.format(mac) + " is a group's or nobody's address, not a station's");
    }
    return mac;
  }

  /** A port of TCP or UDP, or a range of them as {@code 8000-8080}; first and last. */
  public static final ValueType<int[]> PORT_RANGE =
      new ValueType<>(
          "port or range of ports",
          (written, problems) ->
              switch (written.value()) {
                case Long number -> portRange(number, number);
                case String text -> portRange(text);
                default -> throw ValueType.wrong("port or range of ports", written.value());
              });

  private static int[] portRange(String text) throws BadValueException {
    String[] parts = text.split("-", -1);
    if (parts.length > 2 || !Arrays.stream(parts).allMatch(each -> each.matches("[0-9]{1,5}"))) {
      throw new BadValueException(
          "\"" + Toml.shorten(text) + "\" is no port", "write 80 or \"8000-8080\"");
    }
    return portRange(Long.parseLong(parts[0]), Long.parseLong(parts[parts.length - 1]));
  }

  private static int[] portRange(long first, long last) throws BadValueException {
    if (first < 0 || last > MAX_PORT || first > last) {
      throw new BadValueException(first + "-" + last + " is no range of ports from 0 to 65535");
    }
    return new int[] {(int) first, (int) last};
  }

  /** An address and a port. */
  public record Endpoint(IpAddress address, int port) {
    @Override
    public String toString() {
      return (address.isIpv6() ? "[" + address + "]" : address.toString()) + ":" + port;
    }
  }

  /** An address and a port, as {@code 192.0.2.1:80} or {@code [2001:db8::1]:80}. */
  public static final ValueType<Endpoint> ENDPOINT =
      ValueType.ofText("address and port", Values::endpoint);

  /** An IPv4 address and a port. */
  public static final ValueType<Endpoint> ENDPOINT4 =
      ValueType.ofText("IPv4 address and port", Values::endpoint4);

  private static Endpoint endpoint(String text) throws BadValueException {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    String address = colon < 0 ? "" : text.substring(0, colon);
    boolean bracketed = address.startsWith("[") && address.endsWith("]");
    boolean bare = address.indexOf(':') < 0;
    if (colon < 0 || !port.matches("[0-9]{1,5}") || !bracketed && !bare) {
      throw new BadValueException(
          "\"" + Toml.shorten(text) + "\" is no address with a port",
          "write 192.0.2.1:80 or [2001:db8::1]:80");
    }
    int number = Integer.parseInt(port);
    if (number > MAX_PORT) {
      throw new BadValueException("ports are 0 to 65535, not " + number);
    }
    return new Endpoint(
        IpAddress.parse(bracketed ? address.substring(1, address.length() - 1) : address), number);
  }

  private static Endpoint endpoint4(String text) throws BadValueException {
    Endpoint endpoint = endpoint(text);
    if (endpoint.address().isIpv6()) {
      throw new BadValueException("NAT44 translates IPv4 addresses, not " + endpoint.address());
    }
    return endpoint;
  }

  private Values() {}
}
