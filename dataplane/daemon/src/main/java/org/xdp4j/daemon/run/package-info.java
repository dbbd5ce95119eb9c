/**
 * The daemon: a forwarder from its configuration file to its last balance, with what a process
 * needs around it. {@code config} says what is to be, {@code service} talks to the system, {@code
 * control} to people; this puts them together.
 */
package org.xdp4j.daemon.run;
