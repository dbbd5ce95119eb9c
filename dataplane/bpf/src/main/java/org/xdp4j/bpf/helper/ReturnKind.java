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
  ITERATOR_ELEMENT_OR_NULL
}
