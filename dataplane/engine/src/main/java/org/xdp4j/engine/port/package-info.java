/**
 * Where frames come from and go to. A {@link org.xdp4j.engine.port.Receiver} fills frames of the
 * pool, a {@link org.xdp4j.engine.port.Transmitter} takes their bytes; neither keeps a frame. Ports
 * are polled by the one thread that owns them and never block it for long. Depends on {@code
 * capture}, {@code frame} and {@code account}.
 */
package org.xdp4j.engine.port;
