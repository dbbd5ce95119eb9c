package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Rcu;

class ReclaimerTest {
  @Test
  void whatOneThrowsKeepsNoOtherFromBeingLetGo() {
    Rcu rcu = new Rcu();
    Reclaimer reclaimer = new Reclaimer(rcu, () -> {});
    List<String> gone = new ArrayList<>();
    rcu.call(
        () -> {
          throw new IllegalStateException("freed");
        });
    rcu.call(() -> rcu.call(() -> gone.add("by another")));
    rcu.call(() -> gone.add("itself"));
    assertThatThrownBy(reclaimer::drain).hasMessage("freed");
    assertThat(gone).containsExactly("itself", "by another");
  }
}
