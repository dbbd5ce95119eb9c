package org.xdp4j.bpf.object;

/**
 * A function as it stands in its section.
 *
 * @param code the section's instructions
 * @param start slot of its first instruction in the section
 * @param count its slots
 * @param exported whether other objects see it
 * @param btfFunc BTF id of its FUNC, 0 when unknown
 */
record CodeFunction(
    String name, CodeSection code, int start, int count, boolean exported, int btfFunc) {
  /** One past its last slot in the section. */
  int end() {
    return start + count;
  }
}
