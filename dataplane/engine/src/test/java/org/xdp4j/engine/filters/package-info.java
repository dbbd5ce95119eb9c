/**
 * The shipped filters over the shipped captures: their objects are rebuilt, their results are held
 * against golden files, and interpreter, compiled code and kernel must agree on every frame.
 *
 * <p>Golden files are written anew by {@code mvn -pl dataplane/engine -am test
 * -Dtest=FilterGoldenTest -Dxdp4j.golden=write -Dsurefire.failIfNoSpecifiedTests=false}; look at
 * what changed before you commit it.
 */
package org.xdp4j.engine.filters;
