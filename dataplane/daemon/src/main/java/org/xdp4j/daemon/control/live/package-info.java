/**
 * The control plane's picture of a {@link org.xdp4j.engine.forward.Forwarder}: what {@code view}
 * declares, made of what the engine shows. Depends on {@code view} and the engine.
 */
package org.xdp4j.daemon.control.live;
