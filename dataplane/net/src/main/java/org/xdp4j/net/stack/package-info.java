/**
 * What happens to a frame that no program decided about: it is for us, or it is forwarded, answered
 * or refused, each by its rule. {@code RULES.md} in the module's folder lists every rule with the
 * section it comes from and the test that holds it.
 *
 * <p><b>Parts.</b> {@link org.xdp4j.net.stack.Router} is what all workers share: interfaces,
 * forwarding tables, neighbours. {@link org.xdp4j.net.stack.Stack} belongs to one worker and does
 * the work; {@link org.xdp4j.net.stack.Output} is what the worker offers it: a way out for every
 * packet, and new packets when the stack has something to say.
 *
 * <p><b>Accounts.</b> Every packet that is received or generated ends in exactly one of
 * transmitted, delivered, punted or dropped (for one {@link org.xdp4j.net.stack.DropReason}), or is
 * still held. <i>Delivered</i> packets were for the stack itself (ARP, neighbour discovery, echo
 * replies to us). <i>Punted</i> ones are ours, or nobody's, and go to whoever the owner of the
 * stack chose.
 *
 * <p><b>Order.</b> A packet is looked at and decided about as it came; only then is it written to.
 * So whatever an ICMP error quotes is what its sender sent.
 *
 * <p><b>Time.</b> Nanoseconds on a clock that never goes back, told by the caller with every call.
 *
 * <p>Depends on all other packages of this module.
 */
package org.xdp4j.net.stack;
