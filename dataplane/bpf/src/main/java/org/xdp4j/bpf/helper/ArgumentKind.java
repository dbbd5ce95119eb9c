package org.xdp4j.bpf.helper;

/**
 * What a helper takes in one of r1 to r5: {@code enum bpf_arg_type} (linux/bpf.h), as far as XDP
 * programs meet it.
 */
public enum ArgumentKind {
  /** Nothing: the helper has fewer arguments. */
  NONE,
  /** Any initialised value (ARG_ANYTHING). */
  ANYTHING,
  /** A map known while verifying (ARG_CONST_MAP_PTR). */
  CONST_MAP,
  /** Readable memory of the map's key size (ARG_PTR_TO_MAP_KEY). */
  MAP_KEY,
  /** Readable memory of the map's value size (ARG_PTR_TO_MAP_VALUE). */
  MAP_VALUE,
  /**
   * Writable, perhaps uninitialised memory of the map's value size (ARG_PTR_TO_UNINIT_MAP_VALUE).
   */
  UNINIT_MAP_VALUE,
  /** Readable memory whose size the next argument gives (ARG_PTR_TO_MEM). */
  MEM,
  /** The same, or NULL (ARG_PTR_TO_MEM | PTR_MAYBE_NULL). */
  MEM_OR_NULL,
  /**
   * Writable, perhaps uninitialised memory whose size the next argument gives
   * (ARG_PTR_TO_UNINIT_MEM).
   */
  UNINIT_MEM,
  /** The same, or NULL. */
  UNINIT_MEM_OR_NULL,
  /** The size of the memory argument before it, more than 0 (ARG_CONST_SIZE). */
  SIZE,
  /** The size of the memory argument before it, perhaps 0 (ARG_CONST_SIZE_OR_ZERO). */
  SIZE_OR_ZERO,
  /** The program's context (ARG_PTR_TO_CTX). */
  CONTEXT,
  /** A constant number of bytes to allocate (ARG_CONST_ALLOC_SIZE_OR_ZERO). */
  ALLOC_SIZE_OR_ZERO,
  /** Memory a helper reserved, given back by this call (ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE). */
  RESERVED_MEM,
  /** A pointer to a subprogram (ARG_PTR_TO_FUNC). */
  FUNCTION,
  /** A pointer into the stack, or NULL (ARG_PTR_TO_STACK | PTR_MAYBE_NULL). */
  STACK_OR_NULL,
  /** A {@code struct bpf_spin_lock} in a map value (ARG_PTR_TO_SPIN_LOCK). */
  SPIN_LOCK,
  /** A {@code struct bpf_timer} in a map value (ARG_PTR_TO_TIMER). */
  TIMER,
  /** A {@code struct bpf_wq} in a map value. */
  WORK_QUEUE,
  /** A socket (ARG_PTR_TO_SOCK_COMMON). */
  SOCK,
  /** A socket, or a kernel's structure for one (ARG_PTR_TO_BTF_ID_SOCK_COMMON). */
  BTF_SOCK,
  /** The same, given back by this call (ARG_PTR_TO_BTF_ID_SOCK_COMMON | OBJ_RELEASE). */
  RELEASED_SOCK,
  /** A constant, NUL-terminated string in read-only map memory (ARG_PTR_TO_CONST_STR). */
  CONST_STRING,
  /** A number (a kernel function's scalar argument). */
  SCALAR,
  /** Readable and writable memory of 2 bytes. */
  MEM_2,
  /** Readable and writable memory of 4 bytes. */
  MEM_4,
  /** Readable and writable memory of 8 bytes. */
  MEM_8,
  /** Readable and writable memory of 16 bytes. */
  MEM_16,
  /** Readable and writable memory of 64 bytes. */
  MEM_64,
  /** Readable and writable memory whose size the next argument gives ({@code len__sz}). */
  READ_WRITE_MEM,
  /** The same, or what may be NULL when the program runs; the constant NULL only for no bytes. */
  READ_WRITE_MEM_OR_NULL,
  /**
   * Memory to point a dynptr at, whose size the next argument gives: a value of a map, or memory of
   * a helper (ARG_PTR_TO_UNINIT_MEM of bpf_dynptr_from_mem, which must not lie on the stack).
   */
  LOCAL_MEM,
  /** An initialised dynptr, on the stack or lent to a callback (ARG_PTR_TO_DYNPTR). */
  DYNPTR,
  /** The same, or NULL ({@code __nullable}). */
  DYNPTR_OR_NULL,
  /** 16 bytes of stack that become a dynptr to memory (DYNPTR_TYPE_LOCAL | MEM_UNINIT). */
  NEW_LOCAL_DYNPTR,
  /** 16 bytes of stack that become a dynptr to a record, to be released (DYNPTR_TYPE_RINGBUF). */
  NEW_RINGBUF_DYNPTR,
  /** 16 bytes of stack that become a dynptr to the packet (DYNPTR_TYPE_XDP). */
  NEW_PACKET_DYNPTR,
  /** 16 bytes of stack that become a dynptr like the first argument. */
  NEW_DYNPTR_CLONE,
  /** A dynptr to a record, given back by this call (DYNPTR_TYPE_RINGBUF | OBJ_RELEASE). */
  RELEASED_DYNPTR,
  /** Memory of the size the next argument gives, or NULL ({@code buffer__opt}). */
  OPTIONAL_BUFFER,
  /** A constant number of bytes, that of the memory argument before it ({@code buffer__szk}). */
  CONST_SIZE,
  /** 8 bytes of stack that become an iterator over numbers. */
  NEW_ITERATOR,
  /** An iterator over numbers. */
  ITERATOR,
  /** An iterator over numbers, which ends with this call. */
  DESTROYED_ITERATOR,
  /** 16 bytes of stack that become an iterator over the bits of words. */
  NEW_BITS_ITERATOR,
  /** An iterator over bits. */
  BITS_ITERATOR,
  /** An iterator over bits, which ends with this call. */
  DESTROYED_BITS_ITERATOR,
  /** Not looked at while verifying ({@code __ign}): it need not even be initialised. */
  IGNORED,
  /** The id of a struct or of {@code void} in the kernel's BTF, a constant ({@code btf_id__k}). */
  KERNEL_TYPE_ID,
  /** The id of a struct in the program's BTF, a constant ({@code local_type_id__k}). */
  TYPE_ID,
  /** An object the program owns, dropped by this call ({@code __alloc}). */
  DROPPED_OBJECT,
  /** The same of one that each CPU has a copy of. */
  DROPPED_PERCPU_OBJECT,
  /** An object whose type counts references, owned or not ({@code __refcounted_kptr}). */
  REFCOUNTED_OBJECT,
  /** A {@code struct bpf_list_head} whose lock is held. */
  LIST_HEAD,
  /** The {@code struct bpf_list_node} of an object the program owns, which this call takes over. */
  LIST_NODE,
  /** A {@code struct bpf_rb_root} whose lock is held. */
  RB_ROOT,
  /** The {@code struct bpf_rb_node} of an object the program owns, which this call takes over. */
  RB_NODE,
  /**
   * The {@code struct bpf_rb_node} of an object that is in a tree, which the program does not own.
   */
  LENT_RB_NODE,
  /** A {@code __kptr} pointer in a map value or an object (ARG_KPTR_XCHG_DEST). */
  KPTR_FIELD,
  /** An object the program owns, or NULL, given away by this call (ARG_PTR_TO_BTF_ID_OR_NULL). */
  GIVEN_OBJECT_OR_NULL,
  /** An object that each CPU has a copy of (ARG_PTR_TO_PERCPU_BTF_ID). */
  PERCPU_OBJECT,
  /** A {@code struct bpf_res_spin_lock} to be taken. */
  RES_SPIN_LOCK,
  /** A {@code struct bpf_res_spin_lock} that is held. */
  HELD_RES_SPIN_LOCK,
  /** 8 bytes of stack that become the interrupt flag of such a lock. */
  NEW_LOCK_IRQ_FLAG,
  /** The interrupt flag of such a lock, given back by this call. */
  LOCK_IRQ_FLAG,
  /** 8 bytes of stack that become a saved interrupt flag ({@code flags__irq_flag}). */
  NEW_IRQ_FLAG,
  /** A saved interrupt flag, given back by this call. */
  IRQ_FLAG,
  /**
   * Memory that is read and written, whose size the next argument gives (ARG_PTR_TO_MEM |
   * MEM_WRITE).
   */
  WRITABLE_MEM,
  /**
   * Aligned, perhaps uninitialised memory for a 64-bit number (ARG_PTR_TO_FIXED_SIZE_MEM |
   * MEM_UNINIT | MEM_WRITE | MEM_ALIGNED).
   */
  UNINIT_LONG(8, true),
  /**
   * Aligned memory of a 32-bit number that is read and written (ARG_PTR_TO_FIXED_SIZE_MEM |
   * MEM_WRITE | MEM_ALIGNED).
   */
  INT_IN_OUT(4, true),
  /** Readable memory of a {@code struct iphdr} without options (ARG_PTR_TO_FIXED_SIZE_MEM). */
  IPV4_HEADER(20, false),
  /** Readable memory of a {@code struct ipv6hdr} (ARG_PTR_TO_FIXED_SIZE_MEM). */
  IPV6_HEADER(40, false),
  /** Readable memory of a {@code struct tcphdr} without options (ARG_PTR_TO_FIXED_SIZE_MEM). */
  TCP_HEADER(20, false),
  /** A tracked connection. */
  CONNECTION(KernelObject.CONNECTION, false),
  /** A connection that was just made. */
  NEW_CONNECTION(KernelObject.NEW_CONNECTION, false),
  /** The same, given back by this call. */
  RELEASED_NEW_CONNECTION(KernelObject.NEW_CONNECTION, true),
  /** A tracked connection, given back by this call. */
  RELEASED_CONNECTION(KernelObject.CONNECTION, true),
  /** A security association, given back by this call. */
  RELEASED_TRANSFORM(KernelObject.TRANSFORM, true),
  /** A thread of the kernel's. */
  TASK(KernelObject.TASK, false),
  /** The same, given back by this call. */
  RELEASED_TASK(KernelObject.TASK, true),
  /** A control group. */
  CGROUP(KernelObject.CGROUP, false),
  /** The same, given back by this call. */
  RELEASED_CGROUP(KernelObject.CGROUP, true),
  /** A key, given back by this call. */
  RELEASED_KEY(KernelObject.KEY, true),
  /** A cipher with its key. */
  CIPHER(KernelObject.CIPHER, false);

  private final int size;
  private final boolean writes;
  private final KernelObject object;

  ArgumentKind() {
    this(0, false, null);
  }

  ArgumentKind(int size, boolean writes) {
    this(size, writes, null);
  }

  ArgumentKind(KernelObject object, boolean released) {
    this(0, released, object);
  }

  ArgumentKind(int size, boolean writes, KernelObject object) {
    this.size = size;
    this.writes = writes;
    this.object = object;
  }

  /** For an object of a kernel which one, else null. */
  public KernelObject object() {
    return object;
  }

  /** For an object of a kernel: whether the call gives it back. */
  public boolean releases() {
    return object != null && writes;
  }

  /** For memory of a fixed size its bytes, else 0. */
  public int size() {
    return size;
  }

  /** For memory of a fixed size: whether the helper writes it, so that it must be aligned too. */
  public boolean writes() {
    return writes;
  }
}
