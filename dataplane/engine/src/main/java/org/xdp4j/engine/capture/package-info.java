/**
 * Capture files: pcap and pcapng, read in blocks and written through one large buffer.
 *
 * <p>Words: a <em>record</em> is one captured frame with its time, its length on the wire and the
 * interface it was seen on; the <em>captured length</em> is how much of it the file holds. A file
 * <em>ends badly</em> when its last record is cut short or a header cannot be true; everything
 * before that place has then been delivered, and {@link org.xdp4j.engine.capture.CaptureException}
 * says at which byte it happened.
 *
 * <p>Readers take uncompressed files as one mapping, whatever their size; gzip, pipes and standard
 * input pass through a window that never grows beyond {@value
 * org.xdp4j.engine.capture.CaptureInput#MAX_WINDOW} bytes. Depends on nothing else of the engine.
 *
 * <p>Sources: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng (IETF).
 */
package org.xdp4j.engine.capture;
