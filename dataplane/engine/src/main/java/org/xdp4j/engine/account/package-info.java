/**
 * The books: every frame ends in exactly one counter.
 *
 * <p>Each thread writes {@link org.xdp4j.engine.account.Counters} of its own, so no cache line is
 * fought over; {@link org.xdp4j.engine.account.Books} are the sums, taken at any time. When a run
 * stops, {@code received + generated = transmitted + delivered + dropped + in flight} holds or
 * {@link org.xdp4j.engine.account.UnbalancedException} is thrown. Depends on nothing of the engine.
 */
package org.xdp4j.engine.account;
