package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Prefetch;

/**
 * The hidden class of one program.
 *
 * <pre>
 *  static final MemorySegment memory      constants, so that the JIT folds the region's
 *  static Program self                    what helpers call callbacks of
 *  static final BpfMap map0, map1, ...    base and bounds and the maps' classes
 *  static final HashLayout reader0, ...   and where hashes have what
 *  static long f0(context, r1..r5, r10)   the program, and each of its subprograms
 *  static long f2c(context, r1..r5, r10)  the same for a program that catches what is thrown in it
 *  static int f0_3(context, r10, entry)   part 3 of a function that is too large for one method
 *  long call(context, r1, r2, r10)        the way in for one frame
 *  void executeBatch(batch, context)      the way in for many, with the program in its loop
 *  void hints(batch, context)             what they will look up first, where that is foreseen
 * </pre>
 */
final class ProgramClass {
  static final String SEGMENT = "memory";
  static final String SELF = "self";

  private final Code code;
  private final Map<Integer, Function> functions = new LinkedHashMap<>();
  private final Set<Integer> movers;
  private final Set<Integer> catchers = new TreeSet<>();
  private final Map<BpfMap, String> mapFields = new LinkedHashMap<>();
  private final Map<BpfMap, Record> readers = new LinkedHashMap<>();
  private final Constants constants = new Constants();
  private final Foresight foresight;
  private final byte[] bytes;

  /**
   * @param aim bytes of bytecode to aim at in a method
   */
  ProgramClass(Code code, int aim) {
    this.code = code;
    findFunctions(aim);
    this.movers = Function.movers(functions);
    this.foresight = new Foresight(code, main());
    this.bytes = ClassFile.of().build(Descs.PROGRAM, this::build);
  }

  private void findFunctions(int aim) {
    Deque<Integer> starts = new ArrayDeque<>(List.of(0));
    while (!starts.isEmpty()) {
      int start = starts.pop();
      if (!functions.containsKey(start)) {
        Function function = new Function(code, start, functions.size(), aim);
        functions.put(start, function);
        function.callees().forEach(starts::push);
      }
      if (starts.isEmpty()) {
        findCatchers();
        catchers.stream()
            .map(code.exceptionCallbacks()::get)
            .filter(callback -> callback > 0 && !functions.containsKey(callback))
            .forEach(starts::push);
      }
    }
  }

  private void findCatchers() {
    Set<Integer> boundaries = code.exceptionCallbacks().keySet();
    catchers.addAll(Function.throwers(functions, boundaries));
    catchers.retainAll(boundaries);
  }

  Code code() {
    return code;
  }

  Constants constants() {
    return constants;
  }

  /** The method to call for the function that starts at {@code start}. */
  String functionName(int start) {
    String name = functions.get(start).name();
    return catches(start) ? name + "c" : name;
  }

  /** The functions, by their starts, that exceptions thrown in them or below may come up to. */
  Map<Integer, Function> catchers() {
    Map<Integer, Function> found = new TreeMap<>();
    catchers.forEach(start -> found.put(start, functions.get(start)));
    return found;
  }

  /** Whether the function that starts at {@code start} is one of {@link #catchers}. */
  boolean catches(int start) {
    return catchers.contains(start);
  }

  boolean movesPacket(int start) {
    return movers.contains(start);
  }

  /** Whether nothing but the first function itself looks at the frame in the context. */
  boolean keepsFrameToItself() {
    return !main().needsFrame()
        && functions.values().stream()
            .filter(function -> function != main())
            .allMatch(
                function ->
                    !function.needsFrame()
                        && function.packetPointers().isEmpty()
                        && function.contextNumbers().isEmpty());
  }

  /** Whether any function asks for the frame's time. */
  boolean needsTime() {
    return functions.values().stream().anyMatch(Function::needsTime);
  }

  /** Whether any function says where the frame is to go. */
  boolean redirects() {
    return functions.values().stream().anyMatch(Function::redirects);
  }

  /** The functions that helpers may call back, by their starts. */
  Map<Integer, Function> callbacks() {
    Map<Integer, Function> found = new TreeMap<>();
    for (Function function : functions.values()) {
      function.pointees().forEach(start -> found.put(start, functions.get(start)));
    }
    return found;
  }

  Function main() {
    return functions.get(0);
  }

  /** The field that holds {@code map}. */
  String mapField(BpfMap map) {
    return mapFields.computeIfAbsent(map, m -> "map" + mapFields.size());
  }

  /** The field that holds a map's reader, a constant of the reader's own class. */
  String readerField(BpfMap map, Record reader) {
    readers.putIfAbsent(map, reader);
    return readerField(map);
  }

  private String readerField(BpfMap map) {
    return "reader" + List.copyOf(readers.keySet()).indexOf(map);
  }

  /** Bytes of the largest method's code. */
  int largestMethod() {
    return ClassFile.of().parse(bytes).methods().stream()
        .flatMap(method -> method.findAttribute(Attributes.code()).stream())
        .mapToInt(CodeAttribute::codeLength)
        .max()
        .orElse(0);
  }

  /** Loads the class and makes its only instance. */
  CompiledProgram define() {
    List<Object> data = new ArrayList<>();
    data.add(code.region().segment());
    data.addAll(mapFields.keySet());
    data.addAll(readers.values());
    try {
      MethodHandles.Lookup hidden =
          MethodHandles.lookup().defineHiddenClassWithClassData(bytes, data.toArray(), true);
      CompiledProgram program =
          (CompiledProgram) hidden.lookupClass().getDeclaredConstructor().newInstance();
      return program.with(
          code.options().types(),
          foresight.maps().stream().map(Foresight::prefetch).toArray(Prefetch[]::new));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the compiled class could not be made", e);
    }
  }

  private void build(ClassBuilder cb) {
    cb.withFlags(ACC_PUBLIC | ACC_FINAL).withSuperclass(Descs.BASE);
    functions.values().forEach(function -> new FunctionMethods(this, function).build(cb));
    EntryMethods.build(this, cb);
    if (!foresight.blocks().isEmpty()) {
      HintMethod.build(this, foresight, cb);
    }
    cb.withField(SELF, Descs.BASE, ACC_STATIC);
    cb.withField(SEGMENT, Descs.SEGMENT, ACC_STATIC | ACC_FINAL);
    mapFields.values().forEach(name -> cb.withField(name, Descs.MAP, ACC_STATIC | ACC_FINAL));
    readers.forEach(
        (map, reader) ->
            cb.withField(readerField(map), Descs.of(reader.getClass()), ACC_STATIC | ACC_FINAL));
    cb.withMethodBody(
        ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ACC_STATIC, this::initialise);
    cb.withMethodBody(
        ConstantDescs.INIT_NAME,
        ConstantDescs.MTD_void,
        ACC_PUBLIC,
        code ->
            code.aload(0)
                .invokespecial(Descs.BASE, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                .aload(0)
                .putstatic(Descs.PROGRAM, SELF, Descs.BASE)
                .return_());
  }

  private void initialise(CodeBuilder cb) {
    cb.ldc(
        DynamicConstantDesc.ofNamed(
            ConstantDescs.ofConstantBootstrap(
                Descs.of(MethodHandles.class), "classData", ConstantDescs.CD_Object),
            ConstantDescs.DEFAULT_NAME,
            ConstantDescs.CD_Object.arrayType()));
    cb.astore(0);
    cb.aload(0).iconst_0().aaload().checkcast(Descs.SEGMENT);
    cb.putstatic(Descs.PROGRAM, SEGMENT, Descs.SEGMENT);
    int index = 1;
    for (String name : mapFields.values()) {
      initialise(cb, index++, name, Descs.MAP);
    }
    for (Map.Entry<BpfMap, Record> reader : readers.entrySet()) {
      String name = readerField(reader.getKey());
      initialise(cb, index++, name, Descs.of(reader.getValue().getClass()));
    }
    cb.return_();
  }

  private static void initialise(CodeBuilder cb, int index, String name, ClassDesc type) {
    cb.aload(0).loadConstant(index).aaload().checkcast(type);
    cb.putstatic(Descs.PROGRAM, name, type);
  }
}
