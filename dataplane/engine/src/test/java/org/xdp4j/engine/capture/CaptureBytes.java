package org.xdp4j.engine.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds captures byte by byte, in either byte order. */
final class CaptureBytes {
  private final ByteOrder order;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  CaptureBytes(ByteOrder order) {
    this.order = order;
  }

  CaptureBytes u8(int... values) {
    for (int value : values) {
      out.write(value);
    }
    return this;
  }

  CaptureBytes u16(int... values) {
    for (int value : values) {
      out.writeBytes(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
    }
    return this;
  }

  CaptureBytes u32(long... values) {
    for (long value : values) {
      out.writeBytes(ByteBuffer.allocate(4).order(order).putInt((int) value).array());
    }
    return this;
  }

  CaptureBytes u64(long... values) {
    for (long value : values) {
      out.writeBytes(ByteBuffer.allocate(8).order(order).putLong(value).array());
    }
    return this;
  }

  CaptureBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  CaptureBytes pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
    return this;
  }

  int size() {
    return out.size();
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  CaptureBytes pcapHeader(int magic, int linkType) {
    return u32(magic).u16(2, 4).u32(0, 0, 65535, linkType);
  }

  CaptureBytes pcapRecord(long seconds, long fraction, byte[] frame) {
    return u32(seconds, fraction, frame.length, frame.length).raw(frame);
  }

  /** A pcapng block around {@code body}. */
  CaptureBytes block(int type, CaptureBytes body) {
    body.pad();
    return u32(type, body.size() + 12).raw(body.toBytes()).u32(body.size() + 12);
  }

  CaptureBytes body() {
    return new CaptureBytes(order);
  }

  CaptureBytes option(int code, byte[] value) {
    return u16(code, value.length).raw(value).pad();
  }

  CaptureBytes option(int code, String value) {
    return option(code, value.getBytes(StandardCharsets.UTF_8));
  }

  CaptureBytes endOfOptions() {
    return u16(0, 0);
  }

  CaptureBytes section(String comment) {
    CaptureBytes body = body().u32(PcapngReader.BYTE_ORDER_MAGIC).u16(1, 0).u64(-1);
    return block(PcapngReader.SECTION_HEADER, body.option(1, comment).endOfOptions());
  }

  CaptureBytes packet(int interfaceId, long units, byte[] frame) {
    return block(PcapngReader.ENHANCED_PACKET, packetBody(interfaceId, units, frame));
  }

  CaptureBytes packetBody(int interfaceId, long units, byte[] frame) {
    return body()
        .u32(interfaceId, units >>> 32, units, frame.length, frame.length)
        .raw(frame)
        .pad();
  }

  CaptureBytes describe(int linkType, int snapLength, CaptureBytes options) {
    return block(
        PcapngReader.INTERFACE_DESCRIPTION,
        body().u16(linkType, 0).u32(snapLength).raw(options.toBytes()));
  }

  /** A frame of {@code size} bytes that tells {@code seed}. */
  static byte[] frame(int size, int seed) {
    byte[] frame = new byte[size];
    for (int i = 0; i < size; i++) {
      frame[i] = (byte) (seed + i);
    }
    return frame;
  }
}
