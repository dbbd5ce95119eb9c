package org.xdp4j.bpf.verifier;

/** What a comparison of a nullable pointer with NULL teaches. */
final class NullCheck {
  private NullCheck() {}

  /** Makes every pointer that is NULL together with {@code pointer} either 0 or not nullable. */
  static void decide(VerifierState state, RegisterState pointer, boolean isNull) {
    int id = pointer.id();
    if (isNull && id != 0 && pointer.reference() == id) {
      state.drop(id);
    }
    state.replaceAll(
        r -> {
          if (!r.nullable() || r.id() != id) {
            return r;
          }
          return isNull ? RegisterState.ZERO : r.notNull();
        });
  }
}
