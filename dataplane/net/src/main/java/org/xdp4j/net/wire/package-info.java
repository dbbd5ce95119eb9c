/**
 * Header views over memory. A view is a class of static accessors that take a segment and the
 * offset where the header starts, so that reading a header makes no object. Accessors do not check
 * lengths beyond the segment's own bounds: whoever parses checks that a header is whole before
 * looking at it.
 *
 * <p>Values are in host order, numbers unsigned in the next larger type where they may be large.
 * Depends on nothing.
 */
package org.xdp4j.net.wire;
