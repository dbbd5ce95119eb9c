/**
 * What makes a process a service: signals, telling the service manager, giving up privileges, one
 * line a message on the log. Knows nothing of frames.
 *
 * <p>What the JDK has no word for (datagrams to the service manager, user ids, capabilities) is
 * called in the C library through the foreign-function API; where that is not there, as on other
 * systems than Linux, the service runs without and says so.
 */
package org.xdp4j.daemon.service;
