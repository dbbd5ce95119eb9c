/**
 * The control plane: what people and programs ask of a running data plane, and tell it to do.
 *
 * <p>One HTTP and JSON API over an AF_UNIX socket and, when asked for, over TCP; the command line's
 * verbs, the metrics and the web page are all fed by the same {@link
 * org.xdp4j.daemon.control.view.Figures}. Nothing here runs on a worker's thread, and nothing a
 * client does makes a worker wait.
 *
 * <pre>
 *  json <- http <- api -> view, metrics      client -> json
 *            '------ (here) ------'
 * </pre>
 *
 * {@link org.xdp4j.daemon.control.ControlServer} puts the parts together.
 */
package org.xdp4j.daemon.control;
