/**
 * Turns a verified program into a hidden class with {@code java.lang.classfile}, relying on what
 * the verifier proved. Depends on {@code isa}, {@code memory}, {@code context}, {@code map}, {@code
 * helper} and {@code verifier}.
 */
package org.xdp4j.bpf.compiler;
