package org.xdp4j.bpf.helper;

import java.util.Set;

/**
 * One row of the table of kernel functions (kfuncs): functions that programs declare as externs in
 * {@code .ksyms} and that are linked by name.
 *
 * @param number what a call instruction of kind {@code PSEUDO_KFUNC_CALL} has as its immediate, 1
 *     up; Linux has the function's BTF id there
 * @param call signature and implementation, as those of a helper; its id is {@code -number}
 * @param flags what the verifier has to know besides the signature
 */
public record KfuncSpec(int number, HelperSpec call, Set<Flag> flags) {
  /** What calls of a kernel function do to what a program holds ({@code KF_*}, linux/btf.h). */
  public enum Flag {
    /** Opens an RCU read-side section. */
    RCU_LOCK,
    /** Closes it. */
    RCU_UNLOCK,
    /** Opens a section without preemption; they nest. */
    PREEMPT_DISABLE,
    /** Closes the innermost one. */
    PREEMPT_ENABLE,
    /** May be called while a spin lock is held. */
    UNDER_LOCK,
    /** May sleep ({@code KF_SLEEPABLE}). */
    SLEEPS
  }

  /** Its name in the kernel. */
  public String name() {
    return call.name();
  }

  /** Whether it has this flag. */
  public boolean has(Flag flag) {
    return flags.contains(flag);
  }
}
