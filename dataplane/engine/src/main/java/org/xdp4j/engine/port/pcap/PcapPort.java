package org.xdp4j.engine.port.pcap;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortState;

/**
 * Any interface, through libpcap: frames that a tcpdump expression fits come in, frames sent are
 * injected. One queue. The host's own stack gets the frames as well.
 *
 * <p>libpcap does not tell that a checksum was left to a device, or that a segment is yet to be
 * cut; both are recognised by the frame's bytes ({@link org.xdp4j.engine.frame.PartialChecksum}).
 *
 * <p>When the interface is taken down or deleted, it is opened again as soon as that works.
 */
public final class PcapPort extends AbstractPort {
  private final PcapQueue queue;

  private PcapPort(PortIdentity identity, PcapQueue queue) {
    super(identity);
    this.queue = queue;
  }

  /**
   * Opens an interface.
   *
   * @param region where frames are
   * @throws PortException when there is no libpcap, or it refuses
   */
  public static PcapPort open(PortIdentity identity, PcapOptions options, Region region)
      throws PortException {
    Libpcap library = Libpcap.get();
    if (library == null) {
      throw new PortException(
          identity.name(), "libpcap is not installed (package libpcap0.8 or libpcap)");
    }
    try {
      PcapHandle handle = new PcapHandle(library, options);
      return new PcapPort(identity, new PcapQueue(identity, options, library, handle, region));
    } catch (IOException e) {
      throw new PortException(identity.name(), e.getMessage());
    }
  }

  @Override
  protected List<PcapQueue> all() {
    return List.of(queue);
  }

  @Override
  public PortState state() {
    return queue.state();
  }

  @Override
  public long stateChanges() {
    return queue.changes();
  }

  @Override
  public String problem() {
    return queue.problem();
  }

  @Override
  public Map<String, Long> kernelDropsByName() {
    long[] drops = queue.drops();
    Map<String, Long> named = new LinkedHashMap<>();
    named.put("pcap-buffer-full", drops[0]);
    named.put("pcap-interface", drops[1]);
    return named;
  }

  @Override
  public void close() {
    queue.close();
  }
}
