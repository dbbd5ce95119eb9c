package org.xdp4j.net.route;

import java.util.HashMap;
import java.util.Map;

/**
 * Neighbours that never answered us: asked for and silent, or only heard of. Anybody can make us
 * have such entries, by packets to addresses that nobody has or from addresses that are made up; so
 * when there are too many of them, one of them makes room.
 *
 * <p>They are kept in shares: by link, by address family, and by whether the neighbour was heard
 * of. The oldest of the largest share goes. Who floods one link pushes out what the flood itself
 * brought there; a neighbour elsewhere, or one that answers in the time a flood needs to fill its
 * share, is not touched (RFC 6583, section 7.1).
 *
 * <p>Guarded by the table's lock.
 */
final class UnconfirmedNeighbors {
  /** Entries of one kind, the oldest first. */
  static final class Share {
    private Neighbor oldest;
    private Neighbor newest;
    private int count;
  }

  private final Map<Integer, Share> shares = new HashMap<>();
  private int count;

  /** The largest share; another may be up to twice as large for a while after it shrank. */
  private Share largest = new Share();

  private int largestCount;

  int count() {
    return count;
  }

  /** Puts an entry at its share's end, out of where it was. */
  void add(Neighbor entry, boolean heard) {
    remove(entry);
    int kind = (entry.address().isIpv6() ? 2 : 0) | (heard ? 1 : 0);
    Share share = shares.computeIfAbsent(entry.interfaceIndex() << 2 | kind, unused -> new Share());
    entry.share = share;
    entry.older = share.newest;
    entry.newer = null;
    if (share.newest == null) {
      share.oldest = entry;
    } else {
      share.newest.newer = entry;
    }
    share.newest = entry;
    share.count++;
    count++;
    if (share.count > largest.count) {
      largest = share;
      largestCount = share.count;
    }
  }

  /** Takes an entry out, if it is in. */
  void remove(Neighbor entry) {
    Share share = entry.share;
    if (share == null) {
      return;
    }
    if (entry.older == null) {
      share.oldest = entry.newer;
    } else {
      entry.older.newer = entry.newer;
    }
    if (entry.newer == null) {
      share.newest = entry.older;
    } else {
      entry.newer.older = entry.older;
    }
    entry.share = null;
    entry.older = null;
    entry.newer = null;
    share.count--;
    count--;
  }

  /** The entry that makes room, or null when there is none. */
  Neighbor first() {
    if (largest.count <= largestCount / 2) {
      shares.values().removeIf(share -> share.count == 0);
      for (Share share : shares.values()) {
        largest = share.count > largest.count ? share : largest;
      }
      largestCount = largest.count;
    }
    return largest.oldest;
  }
}
