package org.xdp4j.bpf.helper;

/** What a helper leaves in r0: {@code enum bpf_return_type} (linux/bpf.h). */
public enum ReturnKind {
  /** A socket to be released, or NULL (RET_PTR_TO_SOCKET_OR_NULL). */
  SOCKET_OR_NULL,
  /** The same, perhaps of a request or in time-wait (RET_PTR_TO_SOCK_COMMON_OR_NULL). */
  SOCK_COMMON_OR_NULL,
  /** The socket argument as a kernel's structure, or NULL (RET_PTR_TO_BTF_ID_OR_NULL). */
  KERNEL_STRUCT_OR_NULL,
  /** The same, which Linux does not tie to the argument. */
  UNTRACKED_KERNEL_STRUCT_OR_NULL,
  /** A number (RET_INTEGER). */
  INTEGER,
  /** Nothing that may be read (RET_VOID). */
  VOID,
  /** A pointer to a value of the map argument, or NULL (RET_PTR_TO_MAP_VALUE_OR_NULL). */
  MAP_VALUE_OR_NULL,
  /**
   * A pointer to memory of the size the ALLOC_SIZE argument gave, or NULL; it must be released
   * (RET_PTR_TO_RINGBUF_MEM_OR_NULL).
   */
  RESERVED_MEM_OR_NULL,
  /**
   * A pointer to the memory of the dynptr argument, of the size the ALLOC_SIZE argument gave, or
   * NULL (RET_PTR_TO_DYNPTR_MEM_OR_NULL).
   */
  DYNPTR_MEM_OR_NULL,
  /** The same of the size the CONST_SIZE argument gave, read-only; or NULL. */
  DYNPTR_SLICE_OR_NULL,
  /** The same, to write to; or NULL. */
  DYNPTR_SLICE_RDWR_OR_NULL,
  /** A pointer to the iterator argument's number, read-only; NULL when there are no more. */
  ITERATOR_ELEMENT_OR_NULL,
  /** A new object of the TYPE_ID argument's struct, which the program owns; or NULL. */
  NEW_OBJECT_OR_NULL,
  /** The same with a copy for each CPU. */
  NEW_PERCPU_OBJECT_OR_NULL,
  /** One reference more to the object argument; NULL only where the program did not own that. */
  ANOTHER_REFERENCE,
  /** The node of an object taken out of a list or a tree, which the program owns now; or NULL. */
  NODE_OR_NULL,
  /**
   * The node of an object that stays in its list or tree, which the program does not own; or NULL.
   */
  LENT_NODE_OR_NULL,
  /** What the KPTR_FIELD argument held, which the program owns now; or NULL. */
  EXCHANGED_OBJECT_OR_NULL,
  /** One CPU's copy of the PERCPU_OBJECT argument. */
  CPU_OBJECT,
  /** 0, and the lock argument is held; or a negative errno, and it is not. */
  LOCK_RESULT,
  /** A tracked connection to be released, or NULL. */
  CONNECTION_OR_NULL(KernelObject.CONNECTION),
  /** A connection to be inserted or released, or NULL. */
  NEW_CONNECTION_OR_NULL(KernelObject.NEW_CONNECTION),
  /** A security association to be released, or NULL. */
  TRANSFORM_OR_NULL(KernelObject.TRANSFORM),
  /** A thread of the kernel's to be released, or NULL. */
  TASK_OR_NULL(KernelObject.TASK),
  /** A control group to be released, or NULL. */
  CGROUP_OR_NULL(KernelObject.CGROUP),
  /** A key to be released, or NULL. */
  KEY_OR_NULL(KernelObject.KEY),
  /** A cache of the kernel's allocator, or NULL. */
  CACHE_OR_NULL(KernelObject.CACHE),
  /** An entry of a flow table, or NULL. */
  FLOW_OR_NULL(KernelObject.FLOW),
  /** The context as the kernel's {@code struct xdp_buff}. */
  KERNEL_CONTEXT,
  /** The thread that runs: a kernel's {@code struct task_struct}. */
  CURRENT_TASK,
  /** The first argument as what the KERNEL_TYPE_ID argument says, to be read with care. */
  CAST,
  /** The call does not return. */
  NEVER;

  private final KernelObject object;

  ReturnKind() {
    this(null);
  }

  ReturnKind(KernelObject object) {
    this.object = object;
  }

  /** Whether the call asks for the program's types when it runs. */
  public boolean dependsOnTypes() {
    return switch (this) {
      case NEW_OBJECT_OR_NULL, NEW_PERCPU_OBJECT_OR_NULL, KERNEL_CONTEXT, CURRENT_TASK, CAST ->
          true;
      default -> false;
    };
  }

  /** For an object of a kernel which one, else null. */
  public KernelObject object() {
    return object;
  }
}
