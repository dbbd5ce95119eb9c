package org.xdp4j.bpf.object;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * The function that a program is tagged with ({@code __exception_cb} of bpf_experimental.h): what
 * it returns is the program's return code when the program throws.
 */
final class ExceptionCallback {
  private static final String TAG = "exception_callback:";

  private ExceptionCallback() {}

  /**
   * Its name; null for none, {@link BpfProgram#SEVERAL_CALLBACKS} when there are several.
   *
   * @param func the program's FUNC
   */
  static String nameOf(Btf btf, int func) {
    String name = null;
    for (int id = 1; id < btf.count() && func != 0; id++) {
      if (btf.type(id) instanceof BtfType.DeclTag tag
          && tag.type() == func
          && tag.component() == -1
          && tag.name().startsWith(TAG)) {
        name = name == null ? tag.name().substring(TAG.length()) : BpfProgram.SEVERAL_CALLBACKS;
      }
    }
    return name;
  }
}
