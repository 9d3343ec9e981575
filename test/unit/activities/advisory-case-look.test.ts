import {
  createAdvisoryCaseActivities,
  type AdvisoryCaseActivities,
} from '../../../activities/advisory-case';
import { createAdvisoryWatchActivities } from '../../../activities/advisory-watch';
import type { Advisory, AdvisorySeverity } from '../../../src/domain/advisories/advisory';
import type { AffectedLook } from '../../../src/domain/advisories/case-close';
import { advisoryPolicyOf } from '../../../src/domain/advisories/policy';
import type { Digest } from '../../../src/domain/digest';
import { runActivity } from '../../support/activity-env';
import { indexed, matchIndex, opensslAdvisory, useDatabase } from '../../support/advisory-index';
import { runInProd } from '../../support/advisory-world';
import { npm } from '../../support/component-builders';
import { pin } from '../../support/contracts/allow-list';
import { hitOf } from '../../support/contracts/advisory-cases';
import { A, B, T0, T1 } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const advisory = 'CVE-2026-0001';
const policy = advisoryPolicyOf({});
const HOUR = 3_600_000;
const HIGH = opensslAdvisory({ severity: 'HIGH' });

let deps: FakeDeps;
let cases: AdvisoryCaseActivities;

beforeEach(async () => {
  deps = await createFakeDeps();
  cases = createAdvisoryCaseActivities(deps);
});

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** A in prod:stable, hit by the database in use; its case was looked at and acted on. */
async function openCase(...advisories: readonly Advisory[]): Promise<void> {
  await indexed(deps, A);
  await runInProd(deps, A, T0);
  useDatabase(deps, 'd', advisories, ago(HOUR));
  await matchIndex(deps);
  const hits = await deps.advisoryMatches.hits(advisory);
  await runActivity(cases, 'openCase', { advisory, hits, policy });
  await act(await look());
}

async function look(): Promise<AffectedLook> {
  const looked = await runActivity(cases, 'lookAtCase', { advisory });
  return looked!.look;
}

async function act(seen: AffectedLook, atMs = Date.now()): Promise<void> {
  const at = new Date(atMs).toISOString();
  await runActivity(cases, 'actOnCase', { advisory, policy, look: seen, at });
}

const close = (): Promise<unknown> =>
  runActivity(cases, 'closeCase', { advisory, at: new Date().toISOString() });

async function known(): Promise<readonly Digest[]> {
  return (await deps.advisoryCases.hitsOf(advisory)).map(({ digest }) => digest);
}

async function denied(): Promise<readonly Digest[]> {
  return (await deps.allowList.listDenials({ limit: 10 })).map(({ digest }) => digest);
}

describe('what the advisory was taken back for', () => {
  it.each<[string, AdvisorySeverity | null]>([
    ['a newer database does not know of it', null],
    ['a newer database rates it Medium', 'MEDIUM'],
  ])('is let go and free, and the case closes: %s', async (_why, severity) => {
    await openCase(HIGH);
    expect(await denied()).toEqual([A]);
    useDatabase(deps, 'e', severity ? [opensslAdvisory({ severity })] : []);
    await matchIndex(deps);

    const seen = await look();
    await act(seen, Date.now() + 100 * HOUR);
    const closed = await close();

    expect(seen).toEqual({ affected: [], more: 0, unknown: [] });
    expect(await denied()).toEqual([]);
    expect(await deps.quarantine.get(A)).toBeNull();
    expect(closed).toBe('withdrawn');
    const row = await deps.advisoryCases.read(advisory);
    expect(row).toMatchObject({ resolution: { kind: 'withdrawn' } });
    expect(await deps.advisoryCases.timeline(advisory)).toMatchObject([
      { kind: 'hit', actor: 'system:plura', text: expect.stringContaining(A) as string },
    ]);
  });

  it('goes alone: what is hit still stays, and is done to as before', async () => {
    const range = { kind: 'ranges', vulnerable: ['<6.5.3'], patched: [], unaffected: [] } as const;
    const ofQs = { space: 'npm', name: 'qs', source: 'npm::x', severity: 'HIGH', range } as const;
    await indexed(deps, B, [npm('qs', '6.5.2')]);
    await pin(deps.ledger, B, T0, { env: 'stg', tag: 'stable' });
    await openCase(opensslAdvisory({ severity: 'HIGH' }), opensslAdvisory(ofQs));
    expect(new Set(await known())).toEqual(new Set([A, B]));
    useDatabase(deps, 'e', [opensslAdvisory(ofQs)]);
    await matchIndex(deps);

    const seen = await look();
    await act(seen);

    expect(seen.affected).toMatchObject([{ digest: B, where: 'stg:stable' }]);
    expect(await known()).toEqual([B]);
    expect(await denied()).toEqual([]);
    expect(await deps.quarantine.get(B)).toMatchObject({ cves: [advisory] });
  });

  it.each<[string, () => Promise<void>]>([
    [
      'the database was set back to an older one',
      async () => {
        useDatabase(deps, 'e', [], ago(2 * HOUR));
        await matchIndex(deps);
      },
    ],
    [
      'the newer database was not gone through to its end',
      async () => {
        useDatabase(deps, 'e', []);
        await indexed(deps, B, [npm('qs', '6.5.2')]);
        await runActivity(createAdvisoryWatchActivities(deps), 'matchAdvisories', {
          ...{ scan: deps.policy.scan, database: null, after: null, limit: 1 },
        });
      },
    ],
    [
      'the database is too old by now',
      async () => {
        useDatabase(deps, 'e', []);
        await matchIndex(deps);
        const later = new Date(Date.now() + 48 * HOUR);
        cases = createAdvisoryCaseActivities({ ...deps, now: () => later });
      },
    ],
    [
      'part of it is for the scanner alone',
      async () => {
        const sbom = deps.componentIndex.held.digests.get(A);
        if (!sbom || sbom === 'gone') throw new Error('not indexed');
        await deps.componentIndex.put({ ...sbom, uncovered: ['conda'] });
        useDatabase(deps, 'e', []);
        await matchIndex(deps);
      },
    ],
    [
      'nobody rates it any more',
      async () => {
        useDatabase(deps, 'e', [opensslAdvisory({ severity: 'UNKNOWN' })]);
        await matchIndex(deps);
      },
    ],
  ])('is not taken back where that can not be told: %s', async (_why, change) => {
    await openCase(HIGH);
    await change();

    const seen = await look();

    expect(seen.affected).not.toEqual([]);
    expect(await known()).toEqual([A]);
    expect(await denied()).toEqual([A]);
  });

  it('stays blocked where another case or a person wants that', async () => {
    await openCase(HIGH);
    const other = { advisory: 'CVE-2026-9', severity: 'HIGH', openedAt: T0, dueAt: T1 } as const;
    await deps.advisoryCases.open({ ...other, closedAt: null }, [
      hitOf({ advisory: other.advisory }),
    ]);
    useDatabase(deps, 'e', []);
    await matchIndex(deps);

    await look();

    expect(await known()).toEqual([]);
    expect(await denied()).toEqual([A]);
  });

  it('is blocked again when it is hit again', async () => {
    await openCase(HIGH);
    useDatabase(deps, 'e', []);
    await matchIndex(deps);
    await look();
    const hits = [hitOf({ advisory, digest: A })];
    useDatabase(deps, 'f', [opensslAdvisory()]);
    await matchIndex(deps);

    await runActivity(cases, 'openCase', { advisory, hits, policy });
    await act(await look());

    expect(await denied()).toEqual([A]);
  });
});

describe('closeCase', () => {
  it('says the same again when its answer was lost, and not when a person closed it', async () => {
    await openCase(HIGH);
    await runInProd(deps, B, T1);
    const at = new Date().toISOString();
    const first = await runActivity(cases, 'closeCase', { advisory, at });
    const again = await runActivity(cases, 'closeCase', { advisory, at });
    const other = await runActivity(cases, 'closeCase', { advisory, at: T1 });

    expect([first, again, other]).toEqual(['replaced', 'replaced', 'kept']);
  });
});
