/**
 * The configuration file of the daemon: TOML that declares what a forwarder is to be, and how the
 * process around it lives.
 *
 * <p>{@link org.xdp4j.daemon.config.ConfigFile} reads one. A class for each section declares its
 * keys and makes records of {@code engine.plan} of what a file says; {@code schema} has the words
 * they are declared in. All mistakes of a file are found in one go, each with its place.
 */
package org.xdp4j.daemon.config;
