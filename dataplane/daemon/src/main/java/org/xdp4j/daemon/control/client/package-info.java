/**
 * The other end of the API, for the command line: HTTP/1.1 over the daemon's AF_UNIX socket. It
 * stands on nothing but the JDK, since a verb that asks one question has no time to start more.
 * Depends on {@code json}.
 */
package org.xdp4j.daemon.control.client;
