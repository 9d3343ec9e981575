import {
  createAdvisoryCaseActivities,
  type AdvisoryCaseActivities,
  type LookedCase,
} from '../../../activities/advisory-case';
import { judgeClose } from '../../../src/domain/advisories/case-close';
import { advisoryPolicyOf } from '../../../src/domain/advisories/policy';
import type { Digest } from '../../../src/domain/digest';
import { runActivity } from '../../support/activity-env';
import { indexed, matchIndex, opensslAdvisory, useDatabase } from '../../support/advisory-index';
import { runInProd } from '../../support/advisory-world';
import { npm } from '../../support/component-builders';
import { pin } from '../../support/contracts/allow-list';
import { hitOf } from '../../support/contracts/advisory-cases';
import { A, B, C, T0, T1 } from '../../support/contracts/ledger-builders';
import { entryOf } from '../../support/contracts/quarantine';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const advisory = 'CVE-2026-0001';
const policy = advisoryPolicyOf({});
const HIGH = opensslAdvisory({ severity: 'HIGH' });

let deps: FakeDeps;
let cases: AdvisoryCaseActivities;

/** A was in prod:stable, and was hit there. */
beforeEach(async () => {
  deps = await createFakeDeps();
  cases = createAdvisoryCaseActivities(deps);
  await indexed(deps, A);
  await runInProd(deps, A, T0);
  useDatabase(deps, 'd', [HIGH]);
  await matchIndex(deps);
  const hits = await deps.advisoryMatches.hits(advisory);
  await runActivity(cases, 'openCase', { advisory, hits, policy });
});

async function look(): Promise<LookedCase> {
  return (await runActivity(cases, 'lookAtCase', { advisory, policy }))!;
}

const quarantine = (digest: Digest): Promise<unknown> =>
  deps.quarantine.add(entryOf({ digest, at: T1 }));

const close = (): Promise<unknown> =>
  runActivity(cases, 'closeCase', { advisory, policy, at: new Date().toISOString() });

async function known(): Promise<readonly Digest[]> {
  return (await deps.advisoryCases.hitsOf(advisory)).map(({ digest }) => digest);
}

it('takes a successor that is hit too into the case, whose clock goes on', async () => {
  const before = await deps.advisoryCases.read(advisory);
  await indexed(deps, B);
  await runInProd(deps, B, T1);

  const { look: seen, clock } = await look();

  const { severity, openedAt, dueAt } = before!;
  expect(seen.affected).toContainEqual({
    ...{ svc: 'shop', digest: B, where: 'prod:stable', prod: true },
  });
  expect(clock).toEqual({ severity, openedAt, dueAt });
  expect(new Set(await known())).toEqual(new Set([A, B]));
  expect(await deps.advisoryCases.timeline(advisory)).toMatchObject([
    { kind: 'hit', text: expect.stringContaining(B) as string },
  ]);
});

it('is as severe as what it takes', async () => {
  await indexed(deps, B, [npm('qs', '6.5.2')]);
  await runInProd(deps, B, T1);
  const range = { kind: 'ranges', vulnerable: ['<6.5.3'], patched: [], unaffected: [] } as const;
  const ofQs = { space: 'npm', name: 'qs', source: 'npm::x', range } as const;
  useDatabase(deps, 'e', [HIGH, opensslAdvisory({ ...ofQs, severity: 'CRITICAL' })]);
  await matchIndex(deps);

  const { clock } = await look();

  expect(clock.severity).toBe('CRITICAL');
});

it('finds what only runs, though the watch has not asked since', async () => {
  await runInProd(deps, C, T1);
  await indexed(deps, B);
  const image = { repository: 'apps/shop/web', digest: B };
  await deps.rollout.makeStable({ svc: 'shop', env: 'stg', epoch: 1 }, image, '/healthz', 1_000);

  const { look: seen } = await look();

  expect(seen.affected).toMatchObject([{ digest: B, prod: false }]);
});

it('stays open for what the index was not matched for, and says so', async () => {
  await runInProd(deps, B, T1);
  await indexed(deps, B, [npm('qs', '6.5.2')]);
  const { look: unmatched } = await look();
  const kept = await close();
  await matchIndex(deps);
  const { look: matched } = await look();

  expect(unmatched).toMatchObject({ affected: [], unknown: [] });
  expect(unmatched.unmatched).toEqual([`shop prod:stable: ${B}`, `shop runs in prod: ${B}`]);
  expect(judgeClose(unmatched)).toMatchObject({ why: expect.stringContaining(B) as string });
  expect(kept).toBe('kept');
  expect(judgeClose(matched)).toEqual({ clear: true });
  expect(await close()).toBe('replaced');
});

it('does not wait for the index where what it lacks is under quarantine', async () => {
  await runInProd(deps, B, T1);
  await indexed(deps, B, [npm('qs', '6.5.2')]);
  await quarantine(B);

  expect(judgeClose((await look()).look)).toEqual({ clear: true });
  expect(await close()).toBe('replaced');
});

it('opens no case when a person ended this one while targets were asked', async () => {
  await runInProd(deps, B, T1);
  await indexed(deps, B);
  const services = await deps.rescans.services();
  deps.rescans.services = async () => {
    await deps.advisoryCases.close(advisory, T1, {
      ...{ kind: 'not-affected', justification: 'component_not_present', reason: 'x' },
      ...{ by: 'erin', until: null },
    });
    return services;
  };

  await look();

  expect(await deps.advisoryCases.list('open', 10)).toEqual([]);
});

it('fails for workflows of before, which take any answer for closed', async () => {
  await runInProd(deps, A, T1);
  const at = new Date().toISOString();

  const closed = runActivity(cases, 'closeCase', { advisory, at });

  await expect(closed).rejects.toThrow('not over');
  expect(await deps.advisoryCases.list('open', 10)).toHaveLength(1);
});

it('is not closed when something affected came since it was looked at', async () => {
  await runInProd(deps, C, T1);
  const { look: clear } = await look();
  await indexed(deps, B);
  await pin(deps.ledger, B, T1, { env: 'stg', tag: 'stable' });

  const closed = await close();

  expect(judgeClose(clear)).toEqual({ clear: true });
  expect(closed).toBe('kept');
  expect(await known()).toContain(B);
});

it('is not closed when what it knows came back since it was looked at', async () => {
  await runInProd(deps, C, T1);
  await look();
  await pin(deps.ledger, A, T1, { env: 'stg', tag: 'stable' });

  expect(await close()).toBe('kept');
});

it('leaves out what a person called not affected', async () => {
  await deps.advisoryCases.close(advisory, T1, {
    ...{ kind: 'not-affected', justification: 'component_not_present', reason: 'x' },
    ...{ by: 'erin', until: null },
  });
  const hits = [hitOf({ advisory, digest: B, channels: ['stg:stable'] })];
  await runActivity(cases, 'openCase', { advisory, hits, policy });

  const { look: seen } = await look();

  expect(judgeClose(seen)).toEqual({ clear: true });
  expect(await known()).toEqual([B]);
  expect(await close()).toBe('replaced');
});

it('does not wait for what all runs when it has nothing left', async () => {
  useDatabase(deps, 'e', []);
  await matchIndex(deps);
  deps.rollout.fail('ROLLOUT_UNAVAILABLE', 100, 'getState');

  const { look: seen } = await look();

  expect(judgeClose(seen)).toEqual({ clear: true });
  expect(await close()).toBe('withdrawn');
});
