import { KEEPS_ONLY } from '../../../src/ports/allow-list';
import type { Digest } from '../../../src/domain/digest';
import { refusedOf, type KeptBy, type LastScan } from '../../../src/domain/rescan';
import type { Json } from '../../../src/domain/verdict';
import type { KeptCursor, KeptQuery, KeptScan, Rescans } from '../../../src/ports/rescans';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeMatches } from './advisory-matches';
import { createFakeAllowList, type FakeAllowList } from './allow-list';
import type { FakeLedger } from './ledger';

export interface FakeRescans extends Rescans, CallFaults {}

export interface FakeRescansParts {
  readonly ledger: FakeLedger;
  readonly allowList?: FakeAllowList;
  /** Without it nothing is indexed. */
  readonly advisoryMatches?: Pick<FakeMatches, 'touched'>;
  /** Those whose channels it looks at. */
  readonly services?: readonly string[];
}

const ALL = 10_000;

function textAt(value: Json | undefined, ...path: readonly string[]): string | null {
  const [name, ...rest] = path;
  if (name === undefined) return typeof value === 'string' ? value : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return textAt((value as Readonly<Record<string, Json>>)[name], ...rest);
}

class Kept {
  private readonly reasons = new Map<string, Set<KeptBy>>();

  add(svc: string, digest: Digest | null, why: KeptBy): void {
    if (digest === null) return;
    const key = `${svc} ${digest}`;
    this.reasons.set(key, (this.reasons.get(key) ?? new Set()).add(why));
  }

  of(svc: string): readonly (readonly [Digest, readonly KeptBy[]])[] {
    return [...this.reasons].flatMap(([key, why]) => {
      const [of, digest] = key.split(' ');
      return of === svc ? [[digest as Digest, [...why].sort()] as const] : [];
    });
  }
}

/** What channels, window, holds and grants keep, as the other fakes have it. */
async function keptOf(
  { ledger, allowList = createFakeAllowList({ ledger }) }: FakeRescansParts,
  svc: string,
  query: KeptQuery,
): Promise<Kept> {
  const kept = new Kept();
  for (const { channel, digest } of await ledger.listChannels(svc)) kept.add(svc, digest, channel);
  const pins = (await ledger.history(svc, ALL)).filter(({ channel }) => channel === 'prod:stable');
  const newest = [...new Set(pins.flatMap(({ to }) => to ?? []))].slice(0, query.windowPins + 1);
  const replaced = pins
    .filter(({ at }) => Date.parse(at) > Date.parse(query.windowSince))
    .flatMap(({ from }) => from ?? []);
  for (const digest of [...newest, ...replaced]) {
    const isBad = (await ledger.findBad(svc, digest)) !== null;
    if (!isBad) kept.add(svc, digest, 'rollback-window');
  }
  for (const { id, digest } of await allowList.listHolds({ limit: ALL })) {
    if (!id.startsWith(KEEPS_ONLY)) kept.add(svc, digest, 'hold');
  }
  for (const { digest } of await allowList.listGrants({ limit: ALL })) {
    kept.add(svc, digest, 'grant');
  }
  for (const one of query.running ?? []) if (one.svc === svc) kept.add(svc, one.digest, 'running');
  return kept;
}

async function toScan(ledger: FakeLedger, svc: string, digest: Digest): Promise<LastScan | null> {
  const record = await ledger.newestScan(svc, digest);
  if (!record) return null;
  const { outcome, evidence } = record.verdict;
  const database = textAt(evidence, 'database', 'digest');
  return { at: record.at, outcome, database, refused: refusedOf(evidence) };
}

async function describeKept(
  { ledger, advisoryMatches }: FakeRescansParts,
  svc: string,
  digest: Digest,
  why: readonly KeptBy[],
): Promise<KeptScan | null> {
  const release = await ledger.findByDigest(svc, digest);
  if (!release) return null;
  const { releaseId, repository } = release;
  const sbom = ledger.verdicts.findLast(
    (one) =>
      one.releaseId === releaseId &&
      one.verdict.gate === 'sbom' &&
      one.verdict.subject === digest &&
      one.verdict.outcome === 'pass',
  );
  const scan = await toScan(ledger, svc, digest);
  const document = textAt(sbom?.verdict.evidence, 'document');
  return {
    svc,
    digest,
    releaseId,
    repository,
    kept: why.includes('prod:stable') ? why.filter((one) => one !== 'rollback-window') : why,
    scan,
    sbom: document,
    touched: (await advisoryMatches?.touched(digest, document, scan?.at ?? null)) ?? null,
  };
}

function placeOf({ scannedAt, svc, digest }: KeptCursor): string {
  return `${scannedAt ?? ''} ${svc} ${digest}`;
}

function cursorOf({ svc, digest, scan }: KeptScan): KeptCursor {
  return { svc, digest, scannedAt: scan?.at ?? null };
}

/** Reads the other fakes, so that a test changes them as the product would. */
export function createFakeRescans(parts: FakeRescansParts): FakeRescans {
  const { ledger, services = ['shop'] } = parts;
  async function listKept(query: KeptQuery): Promise<readonly KeptScan[]> {
    const asked = services.filter((svc) => query.svc === undefined || query.svc === svc);
    const found: KeptScan[] = [];
    for (const svc of asked) {
      const kept = await keptOf(parts, svc, query);
      for (const [digest, why] of kept.of(svc)) {
        if (query.digest !== undefined && query.digest !== digest) continue;
        const one = await describeKept(parts, svc, digest, why);
        if (one) found.push(one);
      }
    }
    const { notScannedSince: since, scannedSince, after, limit } = query;
    return found
      .filter(({ scan }) => !since || !scan || Date.parse(scan.at) < Date.parse(since))
      .filter(
        ({ scan }) =>
          !scannedSince || (scan !== null && Date.parse(scan.at) >= Date.parse(scannedSince)),
      )
      .filter(({ touched }) => query.touched !== true || touched === true)
      .filter((one) => !after || placeOf(cursorOf(one)) > placeOf(after))
      .sort((one, two) => (placeOf(cursorOf(one)) < placeOf(cursorOf(two)) ? -1 : 1))
      .slice(0, limit);
  }
  return withCallFaults<Rescans>({
    listKept,
    services: async () => {
      const states = await Promise.all(services.map(async (svc) => ledger.listChannels(svc)));
      return services.filter((_, index) => (states[index]?.length ?? 0) > 0).toSorted();
    },
  });
}
