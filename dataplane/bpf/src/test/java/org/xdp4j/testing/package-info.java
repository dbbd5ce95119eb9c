/**
 * What the tests of every room share: the rules of the house, and the report of skipped tests.
 *
 * <p>A room is a Maven module with one base package; its packages must not depend on each other in
 * a circle, and the base package is the facade that may use all of them while none of them uses it.
 */
package org.xdp4j.testing;
