package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/**
 * What the object uses and Linux would provide: kernel configuration ({@code .kconfig}), kernel
 * variables and kernel functions ({@code .ksyms}). Of these only the functions of {@link Kfuncs}
 * and the kernel's version, that of the kernel whose behaviour is followed, are here: other weak
 * ones are 0 and other strong ones cannot be linked.
 */
final class Externs {
  private static final String KCONFIG = ".kconfig";
  private static final String KSYMS = ".ksyms";
  private static final String KERNEL_VERSION = "LINUX_KERNEL_VERSION";

  /** {@code KERNEL_VERSION(6, 18, 0)}. */
  private static final int VERSION = 6 << 16 | 18 << 8;

  /** Configuration that libbpf itself answers, with 0 for what needs a kernel. */
  private static final String LIBBPF_PREFIX = "LINUX_HAS_";

  private enum Kind {
    CONFIG,
    SYMBOL,
    FUNCTION
  }

  /** An extern: for configuration with its place in the map, else with its type. */
  private record Extern(Kind kind, int offset) {}

  /** What the linker appends to the names of alternative declarations of one function. */
  private static final String FLAVOR = "___";

  private record Config(String name, BtfType.Secinfo info, int alignment) {}

  private Btf btf;
  private final Kconfig kconfig;

  /** What is wrong with the values of options, by these. */
  private final Map<String, String> unfit = new HashMap<>();

  private final Map<String, Extern> byName = new HashMap<>();
  private int configMap = MapTable.NONE;

  private Externs(Btf btf, Kconfig kconfig) {
    this.btf = btf;
    this.kconfig = kconfig;
  }

  /** Finds what is declared, and adds the {@code .kconfig} map when there is configuration. */
  static Externs read(Btf btf, MapTable maps, Kconfig kconfig) {
    Externs externs = new Externs(btf, kconfig);
    for (BtfType.Secinfo info : externs.variables(KSYMS)) {
      BtfType type = btf.type(info.type());
      Kind kind = type instanceof BtfType.Func ? Kind.FUNCTION : Kind.SYMBOL;
      externs.byName.put(type.name(), new Extern(kind, info.type()));
    }
    List<BtfType.Secinfo> configuration = externs.variables(KCONFIG);
    if (!configuration.isEmpty()) {
      externs.configMap = maps.addUnplaced(externs.configuration(configuration));
    }
    return externs;
  }

  /** The object's types, now with the places of the configuration's values. */
  Btf types() {
    return btf;
  }

  /** The index of the {@code .kconfig} map. */
  int configMap() {
    return configMap;
  }

  /** Whether {@code symbol} is configuration. */
  boolean isConfig(ElfSymbol symbol) {
    return byName.get(symbol.name()) instanceof Extern e && e.kind() == Kind.CONFIG;
  }

  /** Where in the {@code .kconfig} map {@code symbol} is. */
  int offset(ElfSymbol symbol) {
    return byName.get(symbol.name()).offset();
  }

  /** Finds out whether {@code symbol} may stay undefined, being weak or known. */
  void check(ElfSymbol symbol) throws LinkException {
    String name = symbol.name();
    if (unfit.containsKey(name)) {
      throw new LinkException(unfit.get(name));
    }
    boolean known = isConfig(symbol) && isAnswered(name) || function(symbol) != null;
    if (known || symbol.isWeak()) {
      return;
    }
    Extern extern = byName.get(name);
    if (extern == null) {
      throw new LinkException("'%s' is not defined by this object".formatted(name));
    }
    String refused = extern.kind() == Kind.FUNCTION ? Kfuncs.refusal(plainName(name)) : null;
    if (refused != null) {
      throw new LinkException("kernel function '%s' %s".formatted(name, refused));
    }
    String what =
        switch (extern.kind()) {
          case CONFIG -> "kernel configuration '%s' is not known";
          case SYMBOL -> "kernel symbol '%s' does not exist";
          case FUNCTION -> "kernel function '%s' does not exist";
        };
    throw new LinkException((what + " here; declare it __weak").formatted(name));
  }

  /**
   * The kernel function that {@code symbol} is declared as, or null when there is none of the name.
   *
   * @throws LinkException when it is declared with other parameters
   */
  KfuncSpec function(ElfSymbol symbol) throws LinkException {
    Extern extern = byName.get(symbol.name());
    if (extern == null || extern.kind() != Kind.FUNCTION) {
      return null;
    }
    String name = plainName(symbol.name());
    KfuncSpec row = Kfuncs.byName(name).orElse(null);
    int declared = parameters(extern.offset());
    if (row == null || declared == row.call().arguments().size()) {
      return row;
    }
    if (symbol.isWeak()) {
      return null;
    }
    throw new LinkException(
        "kernel function '%s' takes %d arguments, but is declared with %d"
            .formatted(name, row.call().arguments().size(), declared));
  }

  private static String plainName(String name) {
    int flavor = name.indexOf(FLAVOR);
    return flavor > 0 ? name.substring(0, flavor) : name;
  }

  private int parameters(int type) {
    boolean known =
        btf.type(type) instanceof BtfType.Func func
            && btf.type(func.type()) instanceof BtfType.FuncProto;
    return known
        ? ((BtfType.FuncProto) btf.type(((BtfType.Func) btf.type(type)).type())).params().size()
        : 0;
  }

  private boolean isAnswered(String name) {
    return name.equals(KERNEL_VERSION)
        || name.startsWith(LIBBPF_PREFIX)
        || KernelConfiguration.text(kconfig, name) != null;
  }

  private List<BtfType.Secinfo> variables(String section) {
    int id = btf.find(BtfType.Datasec.class, section);
    return id == 0 ? List.of() : ((BtfType.Datasec) btf.type(id)).variables();
  }

  /** Lays the values out as libbpf does: by alignment downwards, size upwards, name. */
  private MapSpec configuration(List<BtfType.Secinfo> infos) {
    List<Config> configs = new ArrayList<>();
    for (BtfType.Secinfo info : infos) {
      configs.add(new Config(btf.type(info.type()).name(), info, alignment(info.type())));
    }
    configs.sort(
        Comparator.comparingInt((Config c) -> -c.alignment())
            .thenComparingLong(c -> Integer.toUnsignedLong(c.info().size()))
            .thenComparing(Config::name));
    long end = 0;
    for (Config config : configs) {
      long offset = end + config.alignment() - 1 & -config.alignment();
      end = offset + Integer.toUnsignedLong(config.info().size());
      byName.put(config.name(), new Extern(Kind.CONFIG, (int) Math.min(offset, 1 << 30)));
    }
    boolean fits = end <= ObjectReader.MAX_CONFIGURATION;
    int datasec = btf.find(BtfType.Datasec.class, KCONFIG);
    if (fits) {
      btf = btf.replacing(Map.of(datasec, placed(configs, (int) end)));
    }
    return MapSpec.of(
            KCONFIG, MapType.ARRAY, Integer.BYTES, fits ? (int) end : 0, 1, MapSpec.F_RDONLY_PROG)
        .withBtf(0, datasec)
        .withData(fits ? values(configs, (int) end) : null)
        .withFrozen(true)
        .withProblem(
            fits
                ? null
                : Place.of(KCONFIG, 0)
                    + ": more than %d bytes of kernel configuration"
                        .formatted(ObjectReader.MAX_CONFIGURATION));
  }

  private BtfType.Datasec placed(List<Config> configs, int size) {
    List<BtfType.Secinfo> variables = new ArrayList<>(configs.size());
    for (Config config : configs) {
      BtfType.Secinfo info = config.info();
      int offset = byName.get(config.name()).offset();
      variables.add(new BtfType.Secinfo(info.type(), offset, info.size()));
    }
    return new BtfType.Datasec(KCONFIG, size, List.copyOf(variables));
  }

  private byte[] values(List<Config> configs, int size) {
    byte[] values = new byte[size];
    for (Config config : configs) {
      byte[] value = value(config);
      System.arraycopy(value, 0, values, byName.get(config.name()).offset(), value.length);
    }
    return values;
  }

  private byte[] value(Config config) {
    String option = config.name();
    String text =
        option.equals(KERNEL_VERSION)
            ? Integer.toString(VERSION)
            : KernelConfiguration.text(kconfig, option);
    int size = config.info().size();
    if (text == null) {
      return new byte[size];
    }
    try {
      return KernelConfiguration.bytes(option, text, btf, config.info().type(), size);
    } catch (LinkException e) {
      unfit.put(option, e.getMessage());
      return new byte[size];
    }
  }

  private int alignment(int type) {
    return switch (btf.resolve(type)) {
      case BtfType.Var t -> alignment(t.type());
      case BtfType.Array t -> alignment(t.type());
      case BtfType.Int t -> Math.min(Long.BYTES, Integer.highestOneBit(t.size()));
      case BtfType.Enum t -> t.size();
      case BtfType.Ptr t -> Long.BYTES;
      default -> 1;
    };
  }
}
