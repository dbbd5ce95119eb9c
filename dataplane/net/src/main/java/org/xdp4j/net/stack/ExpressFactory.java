package org.xdp4j.net.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Makes {@link Express}es over one memory, each a worker's. They are of a hidden copy of {@link
 * ExpressWay}'s class in which the memory is a constant: C2 then folds its kind, bounds and
 * lifetime, a dozen instructions of every load and store, and what is left is one comparison.
 */
final class ExpressFactory {
  private static final String CODE = "ExpressWay.class";

  private final MemorySegment memory;
  private final MethodHandle maker;

  ExpressFactory(MemorySegment memory) {
    this.memory = memory;
    try (InputStream code = ExpressFactory.class.getResourceAsStream(CODE)) {
      MethodHandles.Lookup copy =
          MethodHandles.lookup().defineHiddenClassWithClassData(code.readAllBytes(), memory, true);
      MethodType constructor =
          MethodType.methodType(
              void.class, StackContext.class, Resolver.class, Output.class, StackCounters.class);
      maker =
          copy.findConstructor(copy.lookupClass(), constructor)
              .asType(constructor.changeReturnType(Express.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isOf(MemorySegment other) {
    return memory == other;
  }

  Express make(StackContext context, Resolver resolver, Output output, StackCounters counters) {
    try {
      return (Express) maker.invokeExact(context, resolver, output, counters);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
