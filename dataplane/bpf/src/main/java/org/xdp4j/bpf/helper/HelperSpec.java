package org.xdp4j.bpf.helper;

import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.map.MapType;

/**
 * One row of the helper table.
 *
 * @param id {@code enum bpf_func_id}
 * @param name with its {@code bpf_} prefix
 * @param arguments what r1 to r5 must be; shorter when it takes fewer
 * @param returns what r0 is afterwards
 * @param socket the kernel's struct that r0 then points to, a socket's; empty when it is none
 * @param movesPacket whether packet pointers are invalid afterwards
 * @param gplOnly whether only programs with a GPL-compatible licence may call it
 * @param readsPacket whether memory arguments may lie in the packet (the kernel's {@code
 *     pkt_access})
 * @param mapTypes the types its map argument may have (the kernel's check_map_func_compatibility);
 *     empty when it takes no map
 * @param answer for a helper that in Linux asks an object only a kernel has: what it answers here,
 *     as a sentence; empty for one that does all Linux does
 * @param owner the class whose public static method {@code method} implements it, called directly
 *     by compiled code
 * @param method a method {@code long name(XdpContext, long r1, long r2, long r3, long r4, long r5)}
 * @param handle the same method, for the interpreter
 */
public record HelperSpec(
    int id,
    String name,
    List<ArgumentKind> arguments,
    ReturnKind returns,
    String socket,
    boolean movesPacket,
    boolean gplOnly,
    boolean readsPacket,
    Set<MapType> mapTypes,
    String answer,
    Class<?> owner,
    String method,
    MethodHandle handle) {

  /** {@code bpf_map_lookup_elem}. */
  public static final int MAP_LOOKUP_ELEM = 1;

  /** {@code bpf_map_update_elem}. */
  public static final int MAP_UPDATE_ELEM = 2;

  /** {@code bpf_map_delete_elem}. */
  public static final int MAP_DELETE_ELEM = 3;

  /** {@code bpf_map_push_elem}. */
  public static final int MAP_PUSH_ELEM = 87;

  /** {@code bpf_map_pop_elem}. */
  public static final int MAP_POP_ELEM = 88;

  /** {@code bpf_get_smp_processor_id}. */
  public static final int GET_SMP_PROCESSOR_ID = 8;

  /** {@code bpf_tail_call}: interpreter and compiler do this one themselves. */
  public static final int TAIL_CALL = 12;

  /** {@code bpf_for_each_map_elem}. */
  public static final int FOR_EACH_MAP_ELEM = 164;

  /** {@code bpf_timer_set_callback}. */
  public static final int TIMER_SET_CALLBACK = 170;

  /** {@code bpf_loop}: the compiler makes a loop of it. */
  public static final int LOOP = 181;

  /** {@code bpf_spin_lock}. */
  public static final int SPIN_LOCK = 93;

  /** {@code bpf_spin_unlock}. */
  public static final int SPIN_UNLOCK = 94;

  /** {@code bpf_kptr_xchg}. */
  public static final int KPTR_XCHG = 194;

  /** {@code bpf_per_cpu_ptr}. */
  public static final int PER_CPU_PTR = 153;

  /** {@code bpf_this_cpu_ptr}. */
  public static final int THIS_CPU_PTR = 154;

  /** {@code bpf_redirect_map}. */
  public static final int REDIRECT_MAP = 51;

  /** {@code bpf_user_ringbuf_drain}. */
  public static final int USER_RINGBUF_DRAIN = 209;

  /** {@code bpf_snprintf}, whose format the verifier checks. */
  public static final int SNPRINTF = 165;

  /** What it takes and gives back, in words: {@code (const map, map key): map value or null}. */
  public String signature() {
    return arguments.stream()
            .filter(kind -> kind != ArgumentKind.NONE)
            .map(HelperSpec::words)
            .collect(Collectors.joining(", ", "(", "): "))
        + words(returns);
  }

  private static String words(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Whether Linux (on x86-64) makes no call of it, so that it keeps r1 to r5 (bpf_fastcall). */
  public boolean isInlined() {
    return id == GET_SMP_PROCESSOR_ID
        || returns == ReturnKind.KERNEL_CONTEXT
        || returns == ReturnKind.CAST;
  }
}
