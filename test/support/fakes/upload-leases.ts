import type { LeasedBlob, UploadLeases } from '../../../src/ports/upload-leases';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeContents } from './inventory-contents';

export type FakeUploadLeases = UploadLeases & CallFaults;

const keyOf = ({ repository, digest }: LeasedBlob): string => `${repository} ${digest}`;

/** Leases in memory; what manifests name is known from `contents`. Times are compared as text: RFC 3339 in UTC, of one length. */
export function createFakeUploadLeases(contents?: FakeContents): FakeUploadLeases {
  const commits = new Map<string, { readonly blob: LeasedBlob; readonly at: string }>();
  const leases = new Map<string, { readonly blob: LeasedBlob; readonly at: string }>();
  const take = (blob: LeasedBlob, at: string): void => {
    const held = leases.get(keyOf(blob));
    leases.set(keyOf(blob), { blob, at: held && held.at > at ? held.at : at });
  };
  const isNamed = ({ repository, digest }: LeasedBlob): boolean =>
    contents?.taken().some((one) => {
      const names = one.edges.some((edge) => edge.kind !== 'child' && edge.digest === digest);
      return one.repository === repository && names;
    }) ?? false;
  return withCallFaults<UploadLeases>({
    beginCommit: (id, blob) => {
      commits.set(id, { blob, at: new Date().toISOString() });
      return Promise.resolve();
    },
    endCommit: (id, { stored, at }) => {
      const commit = commits.get(id);
      commits.delete(id);
      if (commit && stored) take(commit.blob, at);
      return Promise.resolve();
    },
    lease: (blob, at) => {
      take(blob, at);
      return Promise.resolve();
    },
    isNamed: (blob) => Promise.resolve(isNamed(blob)),
    countCommits: (since) =>
      Promise.resolve([...commits.values()].filter(({ at }) => at >= since).length),
    listLeased: ({ since, after, limit }) =>
      Promise.resolve(
        [...leases.values()]
          .filter(({ at, blob }) => at >= since && !isNamed(blob))
          .map(({ blob }) => blob)
          .filter((blob) => after === null || keyOf(blob) > keyOf(after))
          .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
          .slice(0, limit),
      ),
    forget: (before) => {
      for (const [key, { at }] of leases) if (at < before) leases.delete(key);
      for (const [id, { at }] of commits) if (at < before) commits.delete(id);
      return Promise.resolve();
    },
  });
}
