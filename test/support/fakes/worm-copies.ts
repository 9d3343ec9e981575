import type { RecordedWormCopy, WormCopies, WormStep } from '../../../src/ports/worm-copies';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeWormCopies = WormCopies & CallFaults;

/** Incident copies in memory. */
export function createFakeWormCopies(): FakeWormCopies {
  const copies = new Map<string, RecordedWormCopy>();
  const steps = new Map<string, readonly WormStep[]>();

  function change(
    id: string,
    over: (copy: RecordedWormCopy) => Partial<RecordedWormCopy>,
  ): Promise<void> {
    const copy = copies.get(id);
    if (copy) copies.set(id, { ...copy, ...over(copy) });
    return Promise.resolve();
  }

  return withCallFaults<WormCopies>({
    begin: (copy) => {
      const begun = { state: 'copying', objects: 0, bytes: 0, legacyTags: [] } as const;
      const known = copies.get(copy.id) ?? {
        ...copy,
        ...begun,
        manifest: null,
        verifiedAt: null,
        problems: [],
      };
      copies.set(copy.id, known);
      return Promise.resolve(known);
    },
    get: (id) => Promise.resolve(copies.get(id) ?? null),
    list: ({ digest, limit }) =>
      Promise.resolve(
        [...copies.values()]
          .filter((one) => digest === undefined || one.digest === digest)
          .reverse()
          .slice(0, limit),
      ),
    addSteps: (id, items, legacyTags) => {
      if (steps.has(id) || copies.get(id)?.state !== 'copying') return Promise.resolve();
      steps.set(
        id,
        items.map((item, ordinal) => ({ ...item, ordinal, stored: null })),
      );
      return change(id, () => ({ legacyTags }));
    },
    steps: (id) => Promise.resolve(steps.get(id) ?? []),
    stepDone: (id, ordinal, stored) => {
      const known = steps.get(id) ?? [];
      steps.set(
        id,
        known.map((one) => (one.ordinal === ordinal ? { ...one, stored } : one)),
      );
      return Promise.resolve();
    },
    seal: (id, { lockUntil, objects, bytes, manifest, at }) => {
      steps.delete(id);
      return change(id, (copy) => ({
        ...{ objects, bytes, manifest },
        ...(copy.state === 'damaged' ? {} : { state: 'held', problems: [] }),
        lockUntil: copy.lockUntil > lockUntil ? copy.lockUntil : lockUntil,
        verifiedAt: copy.verifiedAt ?? at,
      }));
    },
    giveUp: (id, problem) =>
      change(id, ({ state }) =>
        state === 'copying' ? { state: 'failed', problems: [problem] } : {},
      ),
    verified: (id, at, problems) =>
      change(id, ({ state }) =>
        state === 'held' || state === 'damaged'
          ? {
              state: problems.length > 0 ? 'damaged' : 'held',
              verifiedAt: at,
              problems: problems.slice(0, 100),
            }
          : {},
      ),
  });
}
