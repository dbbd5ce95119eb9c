package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.object.KernelLayouts;
import org.xdp4j.bpf.verifier.FunctionSignature.Argument;

/**
 * Reads what a global function takes from its types and its {@code arg:} tags, which {@code
 * __arg_ctx} and the like of libbpf's bpf_helpers.h set (kernel: btf_prepare_func_args).
 */
final class SignatureReader {
  private static final int MAX_ARGUMENTS = 5;
  private static final String TAG_PREFIX = "arg:";
  private static final String CONTEXT_STRUCT = "xdp_md";
  private static final String KERNEL_CONTEXT_STRUCT = "xdp_buff";
  private static final String DYNPTR_STRUCT = "bpf_dynptr";

  /** Why a function has no signature that a proof could begin with, in one sentence's end. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitException(String reason) {
      super(reason, null, false, false);
    }
  }

  /** What may be said of an argument beside its type. */
  private enum Tag {
    CTX,
    NONNULL,
    NULLABLE,
    TRUSTED,
    UNTRUSTED,
    ARENA
  }

  private final Btf btf;
  private final Btf kernel;
  private final int func;

  /**
   * @param kernel the types of the kernel that the program is for
   * @param func id of the function's FUNC
   */
  SignatureReader(Btf btf, Btf kernel, int func) {
    this.btf = btf;
    this.kernel = kernel;
    this.func = func;
  }

  FunctionSignature read() throws UnfitException {
    BtfType.FuncProto prototype = btf.prototype(func);
    if (prototype == null) {
      throw new UnfitException("has no type, so nothing is known of its arguments");
    }
    if (prototype.params().size() > MAX_ARGUMENTS) {
      throw new UnfitException(
          "takes %d arguments, more than %d".formatted(prototype.params().size(), MAX_ARGUMENTS));
    }
    if (!isNumber(btf.resolve(prototype.returnType()))) {
      throw new UnfitException("does not return a number, as a global function must");
    }
    List<Argument> arguments = new ArrayList<>();
    for (int i = 0; i < prototype.params().size(); i++) {
      arguments.add(argument(i, prototype.params().get(i).type()));
    }
    return new FunctionSignature(arguments);
  }

  private static boolean isNumber(BtfType type) {
    return type instanceof BtfType.Int || type instanceof BtfType.Enum;
  }

  private UnfitException unfit(int index, String reason) {
    return new UnfitException("argument %d %s".formatted(index + 1, reason));
  }

  private Argument argument(int index, int type) throws UnfitException {
    Set<Tag> tags = tags(index);
    BtfType bare = btf.resolve(type);
    if (bare instanceof BtfType.Ptr pointer) {
      return pointer(index, pointer, tags);
    }
    if (!tags.isEmpty()) {
      throw unfit(index, "has a tag for pointers, but is none");
    }
    if (!isNumber(bare)) {
      throw unfit(index, "is neither a number nor a pointer");
    }
    return new Argument.Scalar();
  }

  private Argument pointer(int index, BtfType.Ptr pointer, Set<Tag> tags) throws UnfitException {
    BtfType target = btf.resolve(pointer.type());
    boolean context = isStruct(target, CONTEXT_STRUCT) || isStruct(target, KERNEL_CONTEXT_STRUCT);
    if (tags.contains(Tag.CTX) || context) {
      requireOnly(index, tags, Tag.CTX);
      if (tags.contains(Tag.CTX)
          && !(target instanceof BtfType.Void)
          && !isStruct(target, CONTEXT_STRUCT)) {
        throw unfit(index, "is tagged as context, but is no pointer to struct xdp_md or void");
      }
      return new Argument.Context();
    }
    if (isStruct(target, DYNPTR_STRUCT)) {
      requireOnly(index, tags, null);
      return new Argument.Dynptr();
    }
    if (tags.contains(Tag.TRUSTED)) {
      if (tags.contains(Tag.NONNULL)) {
        throw unfit(index, "has tags that exclude each other");
      }
      return new Argument.Kernel(structure(index, target), true, tags.contains(Tag.NULLABLE));
    }
    if (tags.contains(Tag.UNTRUSTED)) {
      requireOnly(index, tags, Tag.UNTRUSTED);
      return target instanceof BtfType.Void || isPrimitive(target)
          ? new Argument.Probed()
          : new Argument.Kernel(structure(index, target), false, false);
    }
    if (tags.contains(Tag.ARENA)) {
      requireOnly(index, tags, Tag.ARENA);
      return new Argument.Arena();
    }
    return memory(index, pointer, tags);
  }

  private static boolean isPrimitive(BtfType type) {
    return isNumber(type) || type instanceof BtfType.Float;
  }

  /** The kernel's struct or union that the program means. */
  private ObjectType structure(int index, BtfType target) throws UnfitException {
    if (!(target instanceof BtfType.Composite)) {
      throw unfit(index, "is tagged as a pointer to a structure of the kernel's, and is none");
    }
    String name = KernelLayouts.plain(target.name());
    int id = KernelLayouts.find(kernel, name);
    if (id == 0) {
      throw unfit(index, "is a pointer to '" + name + "', which the kernel does not have");
    }
    return new ObjectType(id, name, 0);
  }

  private Argument memory(int index, BtfType.Ptr pointer, Set<Tag> tags) throws UnfitException {
    if (tags.contains(Tag.NULLABLE)) {
      throw unfit(index, "is tagged as nullable, which plain memory always is");
    }
    int size = btf.sizeOf(pointer.type());
    if (size < 0) {
      throw unfit(index, "is a pointer to something of unknown size");
    }
    return new Argument.Memory(size, !tags.contains(Tag.NONNULL));
  }

  private void requireOnly(int index, Set<Tag> tags, Tag only) throws UnfitException {
    for (Tag tag : tags) {
      if (tag != only) {
        throw unfit(index, "has tags that exclude each other");
      }
    }
  }

  private static boolean isStruct(BtfType type, String name) {
    return type instanceof BtfType.Struct struct && struct.name().equals(name);
  }

  private Set<Tag> tags(int index) throws UnfitException {
    Set<Tag> found = EnumSet.noneOf(Tag.class);
    for (int id = 1; id < btf.count(); id++) {
      if (btf.type(id) instanceof BtfType.DeclTag tag
          && tag.type() == func
          && tag.component() == index
          && tag.name().startsWith(TAG_PREFIX)) {
        found.add(tag(index, tag.name().substring(TAG_PREFIX.length())));
      }
    }
    return found;
  }

  private Tag tag(int index, String name) throws UnfitException {
    for (Tag tag : Tag.values()) {
      if (tag.name().toLowerCase(java.util.Locale.ROOT).equals(name)) {
        return tag;
      }
    }
    throw unfit(index, "has the unknown tag '" + name + "'");
  }
}
