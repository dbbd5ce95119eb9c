/**
 * What a forwarder is to be, declared: ports, interfaces, bridges, routes, programs and limits, as
 * immutable records without any life of their own. A configuration file becomes one of these;
 * {@code engine.forward} makes it run, and compares two of them to change one into the other.
 *
 * <p>Things are named, not numbered: an interface names its port, a route its interface. What a
 * name leads to is checked when the plan is applied. Depends on {@code net} for addresses.
 */
package org.xdp4j.engine.plan;
