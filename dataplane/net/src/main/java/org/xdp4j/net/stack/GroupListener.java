package org.xdp4j.net.stack;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Mld;

/**
 * What an interface has to say about the groups it listens to, and when (RFC 3810, section 6; RFC
 * 2710, section 4). Switches that watch it send a group's packets only to who says so. Shared by
 * workers; whoever is told that something is due sends it.
 *
 * <p>A group that comes or goes is told at once and again within a second, as often as the link's
 * querier wants; who is asked answers after a while that is up to chance. No source of a group is
 * ever excluded, so that an answer about some of them is the same as about the group.
 */
final class GroupListener {
  /** What is to be said of a group: a kind of record. */
  record Said(IpAddress group, int kind) {}

  /**
   * What is to be sent now.
   *
   * @param isOld whether in messages of version 1
   */
  record Due(boolean isOld, List<Said> said) {}

  private static final class Membership {
    boolean joined = true;
    int changes;
    long answerAt = NEVER;
    long saidAt = NEVER;

    /** Whether we were the last to say of it, in version 1 (RFC 2710, section 4). */
    boolean reported;
  }

  private static final Due NOTHING = new Due(false, List.of());
  private static final long NEVER = Long.MAX_VALUE;
  private static final long SECOND = 1_000_000_000L;

  /** How often is looked whether addresses came into use, or were given up. */
  private static final long LOOK_INTERVAL = SECOND / 2;

  /** Unsolicited Report Interval (RFC 3810, section 9.11; RFC 2710, section 7.10). */
  private static final long REPEAT = SECOND;

  private static final long REPEAT_1 = 10 * SECOND;

  /** Values until a querier says others (section 9), and the response interval (9.3). */
  private static final int ROBUSTNESS = 2;

  private static final int QUERY_INTERVAL = 125;
  private static final long RESPONSE_INTERVAL = 10 * SECOND;

  private final Chance chance;
  private final Map<IpAddress, Membership> groups = new LinkedHashMap<>();
  private Interface owner;
  private volatile long due = Long.MIN_VALUE;
  private long changeAt = NEVER;
  private long answerAt = NEVER;
  private int robustness = ROBUSTNESS;
  private int queryInterval = QUERY_INTERVAL;

  /** Until when a querier of version 1 counts as present (section 9.12). */
  private long oldUntil = Long.MIN_VALUE;

  private boolean isOld;
  private boolean anonymous;

  GroupListener(Interface owner) {
    this.owner = owner;
    this.chance = new Chance(owner.mac);
  }

  /** Goes on for an interface that takes the place of the one before. */
  synchronized void setOwner(Interface fresh) {
    owner = fresh;
    due = Long.MIN_VALUE;
  }

  /** The link came back, and may be another: whoever watches it knows nothing of us. */
  synchronized void restart() {
    groups.values().removeIf(each -> !each.joined);
    groups.values().forEach(each -> each.changes = ROBUSTNESS);
    answerAt = NEVER;
    oldUntil = Long.MIN_VALUE;
    robustness = ROBUSTNESS; // what the querier of another link said is of no meaning here
    queryInterval = QUERY_INTERVAL;
    changeAt = Long.MIN_VALUE;
    due = Long.MIN_VALUE;
  }

  /**
   * What is to be said now.
   *
   * @param out the interface as the caller knows it: if another took its place it says nothing
   */
  Due poll(Interface out, long now) {
    return now < due ? NOTHING : pollAll(out, now);
  }

  private synchronized Due pollAll(Interface out, long now) {
    if (out != owner || now < due) {
      return NOTHING;
    }
    setVersion(now < oldUntil);
    look(out, now);
    List<Said> said = new ArrayList<>();
    if (now >= changeAt) {
      changes(said, now);
    }
    answers(said, now);
    due = groups.isEmpty() && out.ipv6.length == 0 ? NEVER : Math.min(next(), now + LOOK_INTERVAL);
    anonymous |= !said.isEmpty() && out.linkLocal6() == null;
    return new Due(isOld, said);
  }

  /** With the version, the answers that were to be given are forgotten (section 8.2.1). */
  private void setVersion(boolean old) {
    if (old != isOld) {
      isOld = old;
      answerAt = NEVER;
      groups.values().forEach(each -> each.answerAt = NEVER);
    }
  }

  /** Finds out which groups came and went. */
  private void look(Interface out, long now) {
    Set<IpAddress> wanted = out.groups6();
    for (IpAddress group : wanted) {
      Membership membership = groups.get(group);
      if (membership == null || !membership.joined) {
        membership = new Membership();
        groups.put(group, membership);
        change(membership, now);
      }
    }
    // What was said without an address is said again with one (RFC 3590, section 4).
    boolean again = anonymous && out.linkLocal6() != null;
    anonymous &= !again;
    groups.forEach(
        (group, membership) -> {
          if (membership.joined && !wanted.contains(group)) {
            membership.joined = false;
            membership.answerAt = NEVER;
            change(membership, now);
          } else if (membership.joined && again) {
            change(membership, now);
          }
        });
  }

  private void change(Membership membership, long now) {
    membership.changes = robustness;
    changeAt = now;
  }

  private void changes(List<Said> said, long now) {
    changeAt = NEVER;
    for (Iterator<Map.Entry<IpAddress, Membership>> all = groups.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<IpAddress, Membership> each = all.next();
      Membership membership = each.getValue();
      if (membership.changes > 0) {
        membership.changes--;
        if (membership.joined) {
          said.add(new Said(each.getKey(), Mld.TO_EXCLUDE));
          membership.reported = true;
          membership.saidAt = now;
        } else if (!isOld || membership.reported) {
          said.add(new Said(each.getKey(), Mld.TO_INCLUDE));
        }
        membership.changes = isOld && !membership.joined ? 0 : membership.changes;
      }
      if (!membership.joined && membership.changes == 0) {
        all.remove();
      } else if (membership.changes > 0 && changeAt == NEVER) {
        changeAt = now + 1 + chance.below(isOld ? REPEAT_1 : REPEAT);
      }
    }
  }

  private void answers(List<Said> said, long now) {
    boolean whole = now >= answerAt;
    answerAt = whole ? NEVER : answerAt;
    groups.forEach(
        (group, membership) -> {
          if (membership.joined && (whole || now >= membership.answerAt)) {
            membership.answerAt = NEVER;
            membership.reported = true;
            if (membership.saidAt != now) { // As a change just now, it was said too.
              said.add(new Said(group, Mld.IS_EXCLUDE));
            }
          }
        });
  }

  private long next() {
    long next = Math.min(changeAt, answerAt);
    for (Membership each : groups.values()) {
      next = Math.min(next, each.answerAt);
    }
    return next;
  }

  /** A querier says how often everything is to be said, and how often it asks; 0 for as usual. */
  synchronized void setQuerier(int times, int interval) {
    robustness = times == 0 ? ROBUSTNESS : times;
    queryInterval = interval == 0 ? QUERY_INTERVAL : interval;
  }

  /**
   * A querier asks about a group.
   *
   * @param group null for all groups
   * @param maxDelay nanoseconds
   */
  synchronized void asked(IpAddress group, long maxDelay, long now) {
    if (now < oldUntil) {
      answerEach(group, maxDelay, now); // As one of version 1, which it begins like.
    } else if (group == null) {
      answerAt = Math.min(answerAt, now + chance.below(maxDelay + 1));
    } else {
      answer(groups.get(group), maxDelay, now);
    }
    due = Math.min(due, next());
  }

  /** The same in version 1: each group is answered for by itself. */
  synchronized void askedOld(IpAddress group, long maxDelay, long now) {
    oldUntil = now + robustness * queryInterval * SECOND + RESPONSE_INTERVAL;
    setVersion(true);
    answerEach(group, maxDelay, now);
    due = Math.min(due, next());
  }

  private void answerEach(IpAddress group, long maxDelay, long now) {
    if (group == null) {
      groups.values().forEach(each -> answer(each, maxDelay, now));
    } else {
      answer(groups.get(group), maxDelay, now);
    }
  }

  private void answer(Membership membership, long maxDelay, long now) {
    if (membership != null && membership.joined) {
      long at = now + chance.below(maxDelay + 1);
      if (at < answerAt) { // Else the answer about all groups is sooner (section 6.2).
        membership.answerAt = Math.min(membership.answerAt, at);
      }
    }
  }

  /** Another station said of a group that it listens: in version 1 that will do (RFC 2710, 4). */
  synchronized void heard(IpAddress group, long now) {
    Membership membership = groups.get(group);
    if (now < oldUntil && membership != null && membership.joined) {
      membership.answerAt = NEVER;
      membership.changes = 0;
      membership.reported = false;
    }
  }
}
