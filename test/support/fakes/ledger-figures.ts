import type { Latency } from '../../../src/domain/accounting/standard';
import type { Digest } from '../../../src/domain/digest';
import { percentile } from '../../../src/domain/percentile';
import type { Gate, Json } from '../../../src/domain/verdict';
import type { RegistryEvent } from '../../../src/ports/inventory';
import type { FiguresQuery, LedgerFigures } from '../../../src/ports/ledger-figures';
import { BUNDLE_ARTIFACT_TYPE, SBOM_ARTIFACT_TYPE } from '../../../src/ports/signer';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeInventory } from './inventory';
import type { FakeLedger } from './ledger';

export interface FakeLedgerFiguresParts {
  readonly ledger: FakeLedger;
  readonly inventory: FakeInventory;
  /** Those whose channels it looks at. */
  readonly services: readonly string[];
  /** Run ids of scans that were rescans. */
  readonly rescanRuns?: ReadonlySet<string>;
  readonly deletedBytes?: () => number;
}

export type FakeLedgerFigures = LedgerFigures & CallFaults;

const ALL = 10_000;

function p95(values: readonly number[]): Latency | null {
  if (values.length === 0) return null;
  const sorted = values.map((ms) => Math.max(0, ms)).sort((a, b) => a - b);
  return { count: values.length, p95Ms: percentile(sorted, 0.95) };
}

function member(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>)[name];
}

function isSince(at: string, since: string): boolean {
  return Date.parse(at) >= Date.parse(since);
}

function timesOf({ detail }: RegistryEvent): number {
  return typeof detail['times'] === 'number' ? detail['times'] : 1;
}

/** Counted from the other fakes. */
export function createFakeLedgerFigures(parts: FakeLedgerFiguresParts): FakeLedgerFigures {
  const { ledger, inventory, rescanRuns = new Set<string>() } = parts;
  const of = ({ svc }: FiguresQuery): readonly string[] =>
    svc === undefined ? parts.services : [svc];

  async function running(query: FiguresQuery): Promise<readonly Digest[]> {
    const states = await Promise.all(of(query).map((svc) => ledger.listChannels(svc)));
    return [...new Set(states.flat().flatMap(({ digest }) => digest ?? []))];
  }

  function passed(digest: Digest, gate: Gate): boolean {
    const newest = ledger.verdicts.findLast(
      ({ verdict }) => verdict.gate === gate && verdict.subject === digest,
    );
    const type = gate === 'sbom' ? SBOM_ARTIFACT_TYPE : BUNDLE_ARTIFACT_TYPE;
    const attached = inventory.contents
      .taken()
      .some((one) => one.subject === digest && one.artifactType === type);
    return attached && newest?.verdict.outcome === 'pass';
  }

  function events(
    kind: RegistryEvent['kind'],
    { since, repository }: FiguresQuery,
  ): RegistryEvent[] {
    return inventory.events.filter(
      (one) =>
        one.kind === kind &&
        isSince(one.at, since) &&
        (repository === undefined || one.repository === repository),
    );
  }

  function failedScans({ since, svc }: FiguresQuery, isRescan: boolean): ReadonlySet<string> {
    const failed = ledger.verdicts.filter(
      ({ verdict, at, runId, releaseId }) =>
        verdict.gate === 'scan' &&
        verdict.outcome === 'fail' &&
        isSince(at, since) &&
        rescanRuns.has(runId) === isRescan &&
        (member(verdict.evidence, 'refused') as readonly Json[] | undefined)?.length !== 0 &&
        (svc === undefined || releaseId.startsWith(`${svc}/`)),
    );
    return new Set(
      failed.map(({ runId, verdict }) => `${isRescan ? '' : runId} ${verdict.subject}`),
    );
  }

  async function promotions(query: FiguresQuery): Promise<Latency | null> {
    const times: number[] = [];
    for (const svc of of(query)) {
      const moves = (await ledger.history(svc, ALL)).toReversed();
      for (const status of await ledger.listReleases({ svc, limit: ALL })) {
        const pin = moves.find(
          ({ channel, to, at, releaseId }) =>
            channel === 'prod:stable' &&
            to === status.digest &&
            releaseId === status.releaseId &&
            isSince(at, query.since),
        );
        if (pin && status.outcome === 'released') {
          times.push(Date.parse(pin.at) - Date.parse(status.requestedAt));
        }
      }
    }
    return p95(times);
  }

  async function rollbacks(query: FiguresQuery): Promise<Latency | null> {
    const times: number[] = [];
    for (const { action, svc, at, details } of ledger.audit) {
      const requestedAt = member(details, 'requestedAt');
      const isOurs = action === 'rollback' && of(query).includes(svc) && isSince(at, query.since);
      if (!isOurs || typeof requestedAt !== 'string' || member(details, 'drill') === true) continue;
      const moved = (await ledger.history(svc, ALL)).find(
        (move) => move.to === member(details, 'to') && isSince(move.at, requestedAt),
      );
      if (moved) times.push(Date.parse(moved.at) - Date.parse(requestedAt));
    }
    return p95(times);
  }

  return withCallFaults<LedgerFigures>({
    count: async (query) => {
      const digests = await running(query);
      const coverage = (gate: Gate): { have: number; of: number } => ({
        have: digests.filter((digest) => passed(digest, gate)).length,
        of: digests.length,
      });
      const pulls = events('pull-blocked', query).filter(
        ({ detail }) =>
          detail['outcome'] === 'refused' && (detail['cves'] as readonly string[]).length > 0,
      );
      const denials = events('admission-denied', query).filter(({ detail }) =>
        (detail['rules'] as readonly string[]).includes('cve-verdict'),
      );
      const sumOf = (all: readonly RegistryEvent[]): number =>
        all.reduce((sum, one) => sum + timesOf(one), 0);
      return {
        sbom: coverage('sbom'),
        signed: coverage('signature'),
        cveBlocks: {
          pull: sumOf(pulls),
          admission: sumOf(denials),
          release: failedScans(query, false).size,
          rescan: failedScans(query, true).size,
        },
        promotion: await promotions(query),
        rollback: await rollbacks(query),
        deletedBytes: parts.deletedBytes?.() ?? 0,
        reclaimedBytes: null,
      };
    },
  });
}
