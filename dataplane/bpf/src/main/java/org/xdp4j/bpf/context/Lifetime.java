package org.xdp4j.bpf.context;

/**
 * What lives as long as somebody holds it (Linux: a refcount that is only raised where it is not
 * zero). Any thread.
 */
public interface Lifetime {
  /** Of what never ends. */
  Lifetime ENDLESS =
      new Lifetime() {
        @Override
        public boolean hold() {
          return true;
        }

        @Override
        public void release() {}
      };

  /** Holds it; false, nothing done, when its last holder has released it. */
  boolean hold();

  /** One holder has done with it; with the last one it ends. */
  void release();
}
