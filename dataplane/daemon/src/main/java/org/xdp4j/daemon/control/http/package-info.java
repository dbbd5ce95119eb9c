/**
 * HTTP/1.1 for the control plane: listeners on an AF_UNIX socket and on TCP, routes, and the limits
 * that keep slow and hostile clients from costing more than their own connection.
 *
 * <pre>
 *  Listener -> ConnectionLimit -> [TLS] -> HTTP codec -> RequestHandler -> Gate -> Route's Handler
 *                                                          (event loop)           (control threads)
 * </pre>
 *
 * A handler runs on a control thread, never on the event loop and never on a worker. What it
 * returns is a {@link org.xdp4j.daemon.control.http.Reply}: whole, pulled piece by piece as the
 * client takes it, or pushed as things happen, with a bound on what waits for a slow client.
 * Depends on {@code json}.
 */
package org.xdp4j.daemon.control.http;
