/**
 * Lists and trees of the objects that programs allocate (kernel/bpf/helpers.c, lib/rbtree.c).
 * Heads, roots and nodes lie in map values and in the objects themselves; programs reach them
 * through kernel functions only, so what is in them is ours to choose.
 *
 * <p>Words used here:
 *
 * <ul>
 *   <li><b>head</b>, <b>root</b>: what a list or a tree is held by;
 *   <li><b>node</b>: the part of an object that is in a list or a tree;
 *   <li><b>owner</b>: the head or root whose list or tree a node is in; 0 for none.
 * </ul>
 *
 * <p>Whoever calls holds the lock of the head or root. A node that several programs refer to may be
 * added under two locks at once, so becoming its owner is atomic. Depends on {@code memory}.
 */
package org.xdp4j.bpf.graph;
