/**
 * Which frames belong together: a flow is what two endpoints say to each other with one protocol,
 * in both directions. Depends on {@code wire}.
 */
package org.xdp4j.net.flow;
