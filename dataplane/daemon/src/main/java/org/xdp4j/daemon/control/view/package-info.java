/**
 * The running data plane as the control plane sees it: figures to read, tables to look into, and
 * what can be done to it ({@link org.xdp4j.daemon.control.view.Dataplane}).
 *
 * <p>The records here are the API's JSON as well: a component's name is a member's name. What has a
 * unit says so in its name.
 */
package org.xdp4j.daemon.control.view;
