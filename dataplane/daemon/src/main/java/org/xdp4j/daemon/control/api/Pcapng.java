package org.xdp4j.daemon.control.api;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.xdp4j.daemon.control.view.Dataplane.CapturedFrame;

/**
 * A pcapng stream (draft-ietf-opsawg-pcapng), little-endian: each port an interface, each frame
 * with the direction it went ({@code epb_flags}), its verdict ({@code epb_verdict}) and, when it
 * was dropped, a comment that says why.
 *
 * <pre>
 *  block:   0 type   4 length   8 body ...   length - 4 length
 *  option:  0 code   2 length   4 value, padded to 4 bytes
 * </pre>
 */
final class Pcapng {
  static final String MEDIA_TYPE = "application/x-pcapng";

  private static final int SECTION = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int STATISTICS = 5;
  private static final int ENHANCED_PACKET = 6;
  private static final int ETHERNET = 1;
  private static final int SNAP_LENGTH = 262_144;

  private static final int END = 0;
  private static final int COMMENT = 1;
  private static final int INTERFACE_NAME = 2;
  private static final int PACKET_FLAGS = 2;
  private static final int USER_APPLICATION = 4;
  private static final int INTERFACE_DROPS = 5;
  private static final int PACKET_VERDICT = 7;
  private static final int TIME_RESOLUTION = 9;

  private static final byte NANOSECONDS = 9;
  private static final int INBOUND = 1;
  private static final int OUTBOUND = 2;
  private static final byte XDP_VERDICT = 2;

  private final Map<String, Integer> interfaces = new HashMap<>();
  private long lostInAll;

  /** What the stream begins with. */
  byte[] sectionHeader() {
    ByteBuffer body = body(16 + 64);
    body.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    text(body, USER_APPLICATION, "xdp4j");
    return block(SECTION, end(body));
  }

  /** A frame's block, behind its port's until {@link #sent} says that the reader has that. */
  byte[] blocks(CapturedFrame frame) {
    Integer known = interfaces.get(frame.port());
    if (known != null) {
      return packet(known, frame);
    }
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    blocks.writeBytes(interfaceDescription(frame.port()));
    blocks.writeBytes(packet(interfaces.size(), frame));
    return blocks.toByteArray();
  }

  /** The reader gets the blocks of this frame. */
  void sent(CapturedFrame frame) {
    interfaces.putIfAbsent(frame.port(), interfaces.size());
  }

  private static byte[] interfaceDescription(String name) {
    ByteBuffer body = body(8 + 8 + name.length() * 4 + 16);
    body.putShort((short) ETHERNET).putShort((short) 0).putInt(SNAP_LENGTH);
    text(body, INTERFACE_NAME, name.isEmpty() ? "none" : name);
    option(body, TIME_RESOLUTION, new byte[] {NANOSECONDS});
    return block(INTERFACE, end(body));
  }

  private static byte[] packet(int number, CapturedFrame frame) {
    int reason = frame.reason() == null ? 0 : frame.reason().length() * 4 + 8;
    ByteBuffer body = body(20 + frame.bytes().length + 64 + reason);
    body.putInt(number)
        .putInt((int) (frame.nanos() >>> Integer.SIZE))
        .putInt((int) frame.nanos())
        .putInt(frame.bytes().length)
        .putInt(frame.length());
    body.put(frame.bytes());
    pad(body);
    int direction = frame.point().equals("egress") ? OUTBOUND : INBOUND;
    option(body, PACKET_FLAGS, little(Integer.BYTES).putInt(direction).array());
    if (frame.verdict() >= 0) {
      option(
          body,
          PACKET_VERDICT,
          little(1 + Long.BYTES).put(XDP_VERDICT).putLong(frame.verdict()).array());
    }
    if (frame.reason() != null) {
      text(body, COMMENT, (frame.point().equals("drop") ? "dropped: " : "") + frame.reason());
    }
    return block(ENHANCED_PACKET, end(body));
  }

  /** Says that frames were lost on the way to this reader ({@code isb_ifdrop}); null before any. */
  byte[] lost(long count) {
    lostInAll += count;
    if (interfaces.isEmpty()) {
      return null;
    }
    long nanos = System.currentTimeMillis() * 1_000_000;
    ByteBuffer body = body(12 + 32);
    body.putInt(0).putInt((int) (nanos >>> Integer.SIZE)).putInt((int) nanos);
    option(body, INTERFACE_DROPS, little(Long.BYTES).putLong(lostInAll).array());
    return block(STATISTICS, end(body));
  }

  private static ByteBuffer body(int most) {
    return little(most + 16);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void text(ByteBuffer body, int code, String text) {
    option(body, code, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void option(ByteBuffer body, int code, byte[] value) {
    body.putShort((short) code).putShort((short) value.length).put(value);
    pad(body);
  }

  private static void pad(ByteBuffer body) {
    while (body.position() % Integer.BYTES != 0) {
      body.put((byte) 0);
    }
  }

  private static ByteBuffer end(ByteBuffer body) {
    return body.putInt(END).flip();
  }

  private static byte[] block(int type, ByteBuffer body) {
    int length = body.remaining() + 12;
    ByteArrayOutputStream out = new ByteArrayOutputStream(length);
    out.writeBytes(little(8).putInt(type).putInt(length).array());
    out.write(body.array(), 0, body.remaining());
    out.writeBytes(little(4).putInt(length).array());
    return out.toByteArray();
  }
}
