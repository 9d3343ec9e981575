import { createAdvisoryCaseActivities } from '../../../activities/advisory-case';
import {
  createAdvisoryWatchActivities,
  type AdvisoryWatchActivities,
  type MatchSliceInput,
} from '../../../activities/advisory-watch';
import { advisoryPolicyOf } from '../../../src/domain/advisories/policy';
import type { Digest } from '../../../src/domain/digest';
import { SBOM_ARTIFACT_TYPE } from '../../../src/ports/signer';
import { runActivity } from '../../support/activity-env';
import { opensslAdvisory as advisory, useDatabase } from '../../support/advisory-index';
import { debian, npm } from '../../support/component-builders';
import { put } from '../../support/contracts/component-index';
import { codeOf, digestOf } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { keepImage, KEPT_REPOSITORY, rescanSettings } from '../../support/rescan-world';

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const CVE = 'CVE-2026-0001';

let deps: FakeDeps;
let activities: AdvisoryWatchActivities;

beforeEach(async () => {
  deps = await createFakeDeps();
  activities = createAdvisoryWatchActivities(deps);
});

const matchInput = (over: Partial<MatchSliceInput> = {}): MatchSliceInput => ({
  ...{ scan: rescanSettings().scan, database: null, after: null, limit: 10 },
  ...over,
});

const match = (
  over: Partial<MatchSliceInput> = {},
): ReturnType<AdvisoryWatchActivities['matchAdvisories']> =>
  runActivity(activities, 'matchAdvisories', matchInput(over));

/** In prod:stable, and made of these. */
async function stable(name: string, ...components: Parameters<typeof put>[2]): Promise<Digest> {
  const digest = await keepImage(deps, name, LONG_AGO);
  const recorded = deps.ledger.verdicts.findLast(({ verdict }) => verdict.gate === 'sbom');
  const { document: sbom } = recorded?.verdict.evidence as { readonly document: string };
  await deps.componentIndex.put({ digest, sbom, components, uncovered: [], at: LONG_AGO });
  return digest;
}

describe('indexComponents', () => {
  const index = (limit = 10): ReturnType<AdvisoryWatchActivities['indexComponents']> =>
    runActivity(activities, 'indexComponents', { after: null, limit });

  it('reads from the registry what the index lacks', async () => {
    const digest = await keepImage(deps, 'one', LONG_AGO);

    const result = await index();

    expect(result).toEqual({ next: null, indexed: 1, errors: [] });
    expect(deps.componentIndex.held.digests.get(digest)).toMatchObject({
      components: [{ name: 'stdlib' }],
    });
    expect(await index()).toMatchObject({ indexed: 0 });
  });

  it('tells what it can not read, goes on behind it, and leaves it missing', async () => {
    for (const name of ['one', 'two']) await keepImage(deps, name, LONG_AGO);
    deps.registry.fail('REGISTRY_UNAVAILABLE', 1, 'listReferrers');

    const result = await index();

    expect(result).toMatchObject({ indexed: 1, errors: [expect.stringContaining('sha256:')] });
    expect(await deps.componentIndex.counts()).toMatchObject({ missing: 1 });
  });

  it('forgets what is gone from the registry, and passes by what is quarantined', async () => {
    const gone = await keepImage(deps, 'one', LONG_AGO);
    const quarantined = await keepImage(deps, 'two', LONG_AGO);
    deps.ledger.quarantined.add(quarantined);
    const image = { repository: KEPT_REPOSITORY, digest: gone };
    const [sbom] = await deps.registry.listReferrers(image, SBOM_ARTIFACT_TYPE);
    deps.registry.lose({ ...image, digest: sbom!.digest });
    deps.registry.lose(image);

    const result = await index();

    expect(result).toEqual({ next: null, indexed: 0, errors: [] });
    expect(await deps.componentIndex.counts()).toMatchObject({ missing: 1 });
  });

  it('is tried again when nothing can be read', async () => {
    for (const name of ['one', 'two', 'three']) await keepImage(deps, name, LONG_AGO);
    deps.registry.fail('REGISTRY_UNAVAILABLE', 100, 'listReferrers');

    expect(await codeOf(index())).toBe('REGISTRY_UNAVAILABLE');
  });
});

describe('matchAdvisories', () => {
  it('matches all at first, then only what came to the index', async () => {
    await stable('one', debian(), npm('qs', '6.5.2'));
    deps.advisoryDatabase.advisories = [advisory()];

    const first = await match();
    const second = await match();
    await stable('two', debian({ version: '3.0.1' }));
    const third = await match();

    expect(first).toMatchObject({ all: true, next: null, looked: 2, matched: 2, appeared: 1 });
    expect(second).toMatchObject({ all: false, looked: 0, appeared: 0 });
    expect(third).toMatchObject({ all: false, looked: 1, matched: 1, appeared: 1, vanished: 0 });
  });

  it('goes through all of it with another database, and matches what has other advisories', async () => {
    await stable('one', debian(), npm('qs', '6.5.2'));
    deps.advisoryDatabase.advisories = [advisory()];
    await match();
    useDatabase(deps, 'e', [advisory({ severity: 'HIGH' })]);

    const result = await match();

    expect(result).toMatchObject({ all: true, looked: 2, matched: 1, changed: 1, appeared: 0 });
    expect(await deps.advisoryMatches.matchedWith()).toMatchObject({
      digest: `sha256:${'e'.repeat(64)}`,
    });
  });

  it('goes on slice by slice, and begins again when the database is replaced meanwhile', async () => {
    await stable('one', debian(), npm('qs', '6.5.2'), npm('lodash', '4.17.20'));

    const one = await match({ limit: 2 });
    useDatabase(deps, 'e', []);
    const again = await match({ limit: 2, database: one.database.digest, after: one.next });
    const { digest: database } = again.database;
    const last = await match({ limit: 2, database, after: again.next });

    expect(one).toMatchObject({ looked: 2, all: true });
    expect(again).toMatchObject({ looked: 2, all: true });
    expect(last).toMatchObject({ looked: 1, next: null });
    expect(await deps.advisoryMatches.matchedWith()).toMatchObject({ digest: database });
  });

  it('leaves all as it is when the database can not be believed', async () => {
    await stable('one', debian());
    deps.advisoryDatabase.advisories = [advisory()];
    await match();
    deps.advisoryDatabase.advisories = [];
    deps.advisoryDatabase.digest = 'sha256:replaced';

    expect(await codeOf(match())).toBe('SCANNER_UNAVAILABLE');
    expect(await deps.advisoryMatches.hits()).toHaveLength(1);
  });
});

describe('noteAdvisoryCases', () => {
  const note = (): ReturnType<AdvisoryWatchActivities['noteAdvisoryCases']> =>
    runActivity(activities, 'noteAdvisoryCases', { at: new Date().toISOString() });

  it('tells the case of an advisory what is hit in prod, until it knows', async () => {
    const digest = await stable('one', debian());
    deps.advisoryDatabase.advisories = [advisory()];
    await match();

    const result = await note();
    const untaken = await note();
    const [{ hits } = { hits: [] }] = deps.advisoryCaseRuns.told;
    const openedAt = new Date().toISOString();
    const one = { advisory: CVE, severity: 'CRITICAL', openedAt, dueAt: openedAt } as const;
    await deps.advisoryCases.open({ ...one, closedAt: null }, hits);

    expect(result).toMatchObject({ hitting: 1, told: 1, errors: [] });
    expect(hits).toMatchObject([{ advisory: CVE, digest, channels: ['prod:stable'] }]);
    expect(untaken).toMatchObject({ told: 1 });
    expect(await note()).toMatchObject({ hitting: 1, told: 0 });
    await deps.advisoryCases.close(CVE, openedAt, { kind: 'replaced' });
    expect(await note()).toMatchObject({ told: 1 });
  });

  it('tells an open case that what it knows is rated worse, once, and the case has the time of that', async () => {
    await stable('one', debian());
    deps.advisoryDatabase.advisories = [advisory({ severity: 'HIGH' })];
    await match();
    await note();
    await takeTold();
    const before = await deps.advisoryCases.read(CVE);
    useDatabase(deps, 'e', [advisory({ severity: 'CRITICAL' })]);
    await match();

    const result = await note();
    await takeTold();

    expect(result).toMatchObject({ hitting: 1, told: 1 });
    expect(await note()).toMatchObject({ hitting: 1, told: 0 });
    const after = await deps.advisoryCases.read(CVE);
    expect(after).toMatchObject({ severity: 'CRITICAL', openedAt: before!.openedAt });
    expect(Date.parse(after!.dueAt)).toBeLessThan(Date.parse(before!.dueAt));
  });

  /** As the workflow of the case does with what it was told last. */
  async function takeTold(): Promise<void> {
    const { hits } = deps.advisoryCaseRuns.told.at(-1)!;
    const policy = advisoryPolicyOf({});
    await runActivity(createAdvisoryCaseActivities(deps), 'openCase', {
      ...{ advisory: CVE, hits, policy },
    });
  }

  it('goes on with the others when one can not be told', async () => {
    await stable('one', debian());
    deps.advisoryDatabase.advisories = [advisory(), advisory({ id: 'CVE-2026-0002' })];
    await match();
    deps.advisoryCaseRuns.fail('ORCHESTRATOR_UNAVAILABLE', 1);

    const result = await note();

    expect(result).toMatchObject({ told: 1, errors: [expect.stringContaining(CVE)] });
  });
});

it('records what runs, and tells what could not be asked', async () => {
  await stable('one', debian());
  const image = { repository: KEPT_REPOSITORY, digest: digestOf('running') };
  await deps.rollout.makeStable({ svc: 'shop', env: 'prod', epoch: 9 }, image, '/healthz', 1_000);
  await put(deps.componentIndex, image.digest, [debian()]);
  deps.advisoryDatabase.advisories = [advisory()];
  await match();
  const find = (): ReturnType<AdvisoryWatchActivities['findWorkloads']> =>
    runActivity(activities, 'findWorkloads', { at: new Date().toISOString() });

  const found = await find();
  deps.rollout.fail('ROLLOUT_UNAVAILABLE', 10, 'getState');
  const down = await find();

  expect(found).toEqual({ running: 1, errors: [] });
  expect(down.errors).toHaveLength(3);
  expect(await deps.advisoryMatches.hits()).toContainEqual(
    expect.objectContaining({ digest: image.digest, channels: [], running: ['prod'] }),
  );
});

describe('hasTouched', () => {
  const ask = (): Promise<boolean> =>
    runActivity(activities, 'hasTouched', { settings: rescanSettings() });

  it('is so from when other advisories hit what is kept', async () => {
    const digest = await stable('one', debian());
    const before = await ask();
    deps.advisoryDatabase.advisories = [advisory()];
    const other = `sha256:${'e'.repeat(64)}`;
    deps.advisoryDatabase.digest = other;
    const database = { digest: other, updatedAt: new Date().toISOString(), canaryFound: true };
    deps.scanner.describeDatabase = () => Promise.resolve(database);
    await match();
    const after = await ask();
    deps.ledger.quarantined.add(digest);

    expect([before, after, await ask()]).toEqual([false, true, false]);
  });

  it('is not so when the scan was made with the same database', async () => {
    await stable('one', debian());
    deps.advisoryDatabase.advisories = [advisory()];
    await match();

    expect(await ask()).toBe(false);
  });
});
