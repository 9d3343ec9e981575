import {
  joinCases,
  type AdvisoryHit,
  type CaseResolution,
} from '../../../src/domain/advisories/case';
import type { CaseAct } from '../../../src/domain/advisories/case-action';
import type { Digest } from '../../../src/domain/digest';
import { ReleaseError } from '../../../src/contract/errors';
import {
  MAX_CASE_HITS,
  type AdvisoryCases,
  type CaseEvent,
  type RecordedCase,
} from '../../../src/ports/advisory-cases';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeAdvisoryCases = AdvisoryCases & CallFaults;

interface Held {
  row: RecordedCase;
  readonly hits: Map<string, AdvisoryHit>;
  readonly acts: Map<Digest, Map<CaseAct, string>>;
}

const keyOf = ({ svc, digest, purl }: AdvisoryHit): string => `${svc} ${digest} ${purl}`;

function byKey(a: AdvisoryHit, b: AdvisoryHit): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function holds({ row }: Held, at: string): boolean {
  const { resolution } = row;
  if (resolution?.kind !== 'not-affected') return false;
  return resolution.until === null || Date.parse(resolution.until) > Date.parse(at);
}

function sortCases(cases: readonly Held[]): readonly RecordedCase[] {
  const rows = cases.map(({ row }) => row);
  const open = rows.filter(({ closedAt }) => closedAt === null);
  return [
    ...open.sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt)),
    ...rows.filter(({ closedAt }) => closedAt !== null).toReversed(),
  ];
}

/** Cases in memory. */
export function createFakeAdvisoryCases(): FakeAdvisoryCases {
  const cases: Held[] = [];
  const events = new Map<string, CaseEvent>();
  const openOf = (advisory: string): Held | undefined =>
    cases.find(({ row }) => row.advisory === advisory && row.closedAt === null);
  const caseOf = (advisory: string): Held | undefined =>
    openOf(advisory) ?? cases.findLast(({ row }) => row.advisory === advisory);
  const digestsOf = ({ hits }: Held): ReadonlySet<Digest> =>
    new Set([...hits.values()].map(({ digest }) => digest));

  const change = (
    advisory: string,
    over: (row: RecordedCase) => Partial<RecordedCase>,
  ): boolean => {
    const held = openOf(advisory);
    if (held) held.row = { ...held.row, ...over(held.row) };
    return held !== undefined;
  };
  return withCallFaults<AdvisoryCases>({
    open: (one, hits) => {
      let held = openOf(one.advisory);
      if (held) {
        held.row = { ...held.row, ...joinCases(held.row, one) };
      } else {
        const row = { ...one, closedAt: null, extension: null, resolution: null, look: null };
        held = { row, hits: new Map(), acts: new Map() };
        cases.push(held);
      }
      for (const hit of hits) held.hits.set(keyOf(hit), hit);
      if (held.hits.size > MAX_CASE_HITS) throw new ReleaseError('INVALID_INPUT', 'too many hits');
      return Promise.resolve(held.row);
    },
    read: (advisory) => Promise.resolve(caseOf(advisory)?.row ?? null),
    list: (state, limit) =>
      Promise.resolve(
        sortCases(cases)
          .filter((row) => state === 'all' || (state === 'open') === (row.closedAt === null))
          .slice(0, limit),
      ),
    hitsOf: (advisory) => Promise.resolve([...(caseOf(advisory)?.hits.values() ?? [])].sort(byKey)),
    dismissed: (advisory, digests, at) => {
      const known = cases
        .filter((held) => held.row.advisory === advisory && holds(held, at))
        .map(digestsOf);
      return Promise.resolve(digests.filter((digest) => known.some((one) => one.has(digest))));
    },
    acts: (advisory) => {
      const held = caseOf(advisory);
      if (!held) return Promise.resolve([]);
      return Promise.resolve(
        [...digestsOf(held)].sort().map((digest) => {
          const done = held.acts.get(digest);
          const acts = [...(done?.keys() ?? [])].sort();
          return { digest, acts, cutAt: done?.get('quarantined') ?? null };
        }),
      );
    },
    recordAct: (advisory, digest, act, at) => {
      const held = caseOf(advisory);
      held?.acts.set(digest, new Map([[act, at], ...(held.acts.get(digest) ?? [])]));
      return Promise.resolve();
    },
    wantedByOthers: (advisory, digests) => {
      const others = cases
        .filter(({ row }) => row.closedAt === null || row.resolution?.kind === 'replaced')
        .filter(({ row }) => row.advisory !== advisory)
        .map(digestsOf);
      return Promise.resolve(digests.filter((digest) => others.some((one) => one.has(digest))));
    },
    drop: (advisory, digests) => {
      const held = openOf(advisory);
      for (const digest of digests) held?.acts.delete(digest);
      for (const [key, hit] of held?.hits ?? []) {
        if (digests.includes(hit.digest)) held?.hits.delete(key);
      }
      return Promise.resolve();
    },
    saveLook: (advisory, look) => {
      change(advisory, () => ({ look }));
      return Promise.resolve();
    },
    extend: (advisory, extension) => {
      const before = openOf(advisory)?.row.extension ?? null;
      if (before && JSON.stringify(before) !== JSON.stringify(extension)) {
        return Promise.resolve(false);
      }
      return Promise.resolve(change(advisory, () => ({ extension, dueAt: extension.dueAt })));
    },
    record: (key, event) => {
      if (!events.has(key)) events.set(key, event);
      return Promise.resolve();
    },
    timeline: (advisory) =>
      Promise.resolve([...events.values()].filter((event) => event.advisory === advisory)),
    close: (advisory, at, resolution: CaseResolution) =>
      Promise.resolve(change(advisory, () => ({ closedAt: at, resolution }))),
  });
}
