import type { Lease } from '../../../src/domain/lease';
import type { Leases } from '../../../src/ports/leases';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeLeases = Leases & CallFaults;

const later = (one: string, other: string): string => (one > other ? one : other);

function keyOf({ repository, digest, reason, svc }: Omit<Lease, 'takenAt'>): string {
  return [repository, digest, reason, svc].join(' ');
}

/** Leases in memory. Times are compared as text: RFC 3339 in UTC, of one length. */
export function createFakeLeases(): FakeLeases {
  const leases = new Map<string, Lease>();
  return withCallFaults<Leases>({
    renew: (lease) => {
      for (const [key, { svc, expiresAt }] of leases) {
        if (svc === lease.svc && expiresAt <= lease.renewedAt) leases.delete(key);
      }
      const held = leases.get(keyOf(lease));
      const renewed = {
        ...lease,
        takenAt: held?.takenAt ?? lease.renewedAt,
        renewedAt: later(held?.renewedAt ?? '', lease.renewedAt),
        expiresAt: later(held?.expiresAt ?? '', lease.expiresAt),
      };
      leases.set(keyOf(lease), renewed);
      return Promise.resolve(renewed);
    },
    find: (repository, digests, at) =>
      Promise.resolve(
        [...leases.values()]
          .filter((one) => one.repository === repository && digests.includes(one.digest))
          .filter(({ expiresAt }) => expiresAt > at)
          .sort((a, b) => (a.expiresAt > b.expiresAt ? -1 : 1)),
      ),
  });
}
