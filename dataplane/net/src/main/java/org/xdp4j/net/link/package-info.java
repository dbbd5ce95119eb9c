/**
 * Bridges: ports that are one link, cut into VLANs (IEEE 802.1Q). A bridge learns behind which port
 * a station is from the frames it sends, and forgets it after a while.
 *
 * <p>{@link org.xdp4j.net.link.MacTable} is shared by all workers: any of them learns and looks up
 * without a lock. Depends on {@code wire}.
 */
package org.xdp4j.net.link;
