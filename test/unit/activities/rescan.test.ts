import {
  createRescanActivities,
  type FindRunningInput,
  type FindRunningResult,
  type RescanSliceInput,
  type RescanSliceResult,
} from '../../../activities/rescan';
import { toFailure } from '../../../activities/failures';
import { SBOM_ARTIFACT_TYPE } from '../../../src/ports/signer';
import { quietEnvironment } from '../../support/activity-env';
import { codeOf } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../../support/fake-deps';
import { HIGH_FINDING } from '../../support/fakes/scanner';
import { keepImage, KEPT_REPOSITORY, rescanSettings } from '../../support/rescan-world';
import { grantedOf } from '../../support/exceptions';

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';

let deps: FakeDeps;

async function given(options: FakeDepsOptions = {}): Promise<void> {
  deps = await createFakeDeps(options);
}

function one(over: Partial<RescanSliceInput> = {}, attempt = 1): Promise<RescanSliceResult> {
  const activities = createRescanActivities(deps);
  const input: RescanSliceInput = {
    settings: rescanSettings(),
    target: null,
    running: [],
    runStartedAt: '2999-01-01T00:00:00.000Z',
    after: null,
    ...over,
  };
  const environment = quietEnvironment({ attempt });
  return environment.run((given: RescanSliceInput) => activities.rescanSlice(given), input);
}

const REST = { svc: '', digest: `sha256:${'0'.repeat(64)}`, scannedAt: null, rest: true } as const;

/** Nothing is indexed, so that nothing is known to be touched. */
function slice(over: Partial<RescanSliceInput> = {}, attempt = 1): Promise<RescanSliceResult> {
  return one({ after: REST, ...over }, attempt);
}

const scans = (): number => deps.scanner.calls.filter(({ method }) => method === 'scanSbom').length;

describe('rescanSlice', () => {
  it('scans what is due by its own SBOM, and records the verdict beside that of the release', async () => {
    await given();
    const digest = await keepImage(deps, 'old', LONG_AGO);

    const result = await slice();

    expect(result).toMatchObject({ next: null, looked: 1, scanned: 1, findings: [], errors: [] });
    const newest = await deps.ledger.newestScan('shop', digest);
    expect(newest).toMatchObject({ policyHash: 'sha256:policy', verdict: { outcome: 'pass' } });
    expect(Date.parse(newest?.at ?? '')).toBeGreaterThan(Date.parse(LONG_AGO));
    const standing = await deps.ledger.standingVerdicts(newest?.releaseId ?? '');
    expect(standing.map(({ verdict, judged }) => [verdict.gate, judged])).toEqual([
      ['sbom', 1],
      ['scan', 2],
    ]);
  });

  it('leaves what was scanned lately with the same database, unless it was asked for', async () => {
    await given();
    const digest = await keepImage(deps, 'fresh', new Date().toISOString());

    const due = await slice();
    const asked = await slice({ target: { svc: 'shop', digest } });

    expect(due).toMatchObject({ looked: 1, scanned: 0 });
    expect(asked).toMatchObject({ looked: 1, scanned: 1 });
  });

  it('tells what went bad, where it is kept and by which findings; then no more of it', async () => {
    await given({ scanner: { findings: [HIGH_FINDING] } });
    const digest = await keepImage(deps, 'old', LONG_AGO);

    const [first] = (await slice()).findings;
    const [second] = (await slice()).findings;

    expect(first).toMatchObject({
      svc: 'shop',
      digest,
      kept: ['prod:stable'],
      change: 'gone-bad',
      refused: ['CVE-2022-24999 qs@6.5.2'],
      refusedCount: 1,
    });
    // Bad, and scanned with this database: not due.
    expect(second).toBeUndefined();
  });

  it('tells again what an attempt that was cut off recorded', async () => {
    await given({ scanner: { findings: [HIGH_FINDING] } });
    const digest = await keepImage(deps, 'old', LONG_AGO);
    const runStartedAt = new Date().toISOString();
    await slice({ runStartedAt });

    const again = await slice({ runStartedAt }, 2);

    expect(again).toMatchObject({ scanned: 0, findings: [{ digest, change: 'still-bad' }] });
    expect(again.findings[0]?.refused).toEqual(['CVE-2022-24999 qs@6.5.2']);
  });

  it('goes on behind the last image, and ends where no more is kept', async () => {
    await given();
    const first = await keepImage(deps, 'one', LONG_AGO);
    const second = await keepImage(deps, 'two', LATER);
    const settings = rescanSettings({ sliceSize: 1 });
    const runStartedAt = new Date().toISOString();

    const results: RescanSliceResult[] = [];
    for (let after: RescanSliceInput['after'] | undefined; after !== null;) {
      const result = await one({ settings, runStartedAt, after: after ?? null });
      results.push(result);
      after = result.next;
    }

    expect(results.map(({ next }) => next)).toEqual([
      REST,
      { svc: 'shop', digest: first, scannedAt: LONG_AGO, rest: true },
      { svc: 'shop', digest: second, scannedAt: LATER, rest: true },
      null,
    ]);
    expect(results.map(({ looked }) => looked)).toEqual([0, 1, 1, 0]);
    expect(scans()).toBe(2);
  });

  it('believes no SBOM but the one that the release recorded', async () => {
    await given();
    const digest = await keepImage(deps, 'old', LONG_AGO);
    const image = { repository: KEPT_REPOSITORY, digest };
    const [own] = await deps.registry.listReferrers(image, SBOM_ARTIFACT_TYPE);
    await deps.registry.attach({
      subject: image,
      artifactType: SBOM_ARTIFACT_TYPE,
      mediaType: SBOM_ARTIFACT_TYPE,
      payload: Buffer.from('{"bomFormat":"CycloneDX"}'),
      annotations: {},
    });
    deps.registry.lose({ repository: KEPT_REPOSITORY, digest: own?.digest ?? digest });

    const { scanned, errors } = await slice();

    expect(scanned).toBe(0);
    expect(errors.join()).toContain(digest);
    expect((await deps.ledger.newestScan('shop', digest))?.at).toBe(LONG_AGO);
  });

  it('records nothing by a database that can not be believed: the last verdict stays', async () => {
    await given({ scanner: { database: { canaryFound: false } } });
    const digest = await keepImage(deps, 'old', LONG_AGO);

    expect(await codeOf(slice())).toBe('SCANNER_UNAVAILABLE');
    expect((await deps.ledger.newestScan('shop', digest))?.at).toBe(LONG_AGO);
  });

  it('passes by what is quarantined, and by one image that can not be scanned', async () => {
    await given();
    const quarantined = await keepImage(deps, 'one', LONG_AGO);
    await keepImage(deps, 'two', LATER);
    await keepImage(deps, 'three', '2026-01-03T00:00:00.000Z');
    deps.ledger.quarantined.add(quarantined);
    deps.scanner.fail('SCANNER_UNAVAILABLE', 1, 'scanSbom');

    expect(await slice()).toMatchObject({ looked: 3, scanned: 1, errors: [expect.any(String)] });
  });

  it('is tried again when nothing can be scanned', async () => {
    await given();
    for (const name of ['one', 'two', 'three']) await keepImage(deps, name, LONG_AGO);
    deps.registry.fail('REGISTRY_UNAVAILABLE', 100, 'listReferrers');

    const failure: unknown = await slice().catch(toFailure);

    expect(failure).toMatchObject({ type: 'REGISTRY_UNAVAILABLE', nonRetryable: false });
  });

  it('takes an exception that was granted since', async () => {
    await given({ scanner: { findings: [{ ...HIGH_FINDING, severity: 'MEDIUM' }] } });
    const digest = await keepImage(deps, 'old', LONG_AGO);
    deps.ledger.exceptions.push(grantedOf({ vulnerabilityId: HIGH_FINDING.id, svc: 'shop' }));

    await slice();

    expect((await deps.ledger.newestScan('shop', digest))?.verdict.outcome).toBe('pass');
  });
});

describe('findRunning', () => {
  it('finds what runs and is in no channel, and says which target does not answer', async () => {
    await given();
    await keepImage(deps, 'old', LONG_AGO);
    const image = { repository: KEPT_REPOSITORY, digest: `sha256:${'a'.repeat(64)}` as const };
    const write = { svc: 'shop', env: 'prod', epoch: 9 } as const;
    await deps.rollout.makeStable(write, image, '/healthz', 1_000);
    const activities = createRescanActivities(deps);
    const look = (): Promise<FindRunningResult> => {
      const input = { settings: rescanSettings() };
      return quietEnvironment().run((one: FindRunningInput) => activities.findRunning(one), input);
    };

    const found = await look();
    deps.rollout.fail('ROLLOUT_UNAVAILABLE', 10, 'getState');
    const down = await look();

    expect(found).toEqual({ running: [{ svc: 'shop', digest: image.digest }], errors: [] });
    expect(down).toMatchObject({ running: [], errors: [expect.stringContaining('shop')] });
  });

  it('finds what is kept warm for the way back', async () => {
    await given();
    await keepImage(deps, 'old', LONG_AGO);
    const digests = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}` as const);
    for (const [index, digest] of digests.entries()) {
      const write = { svc: 'shop', env: 'prod', epoch: 9 + index } as const;
      const image = { repository: KEPT_REPOSITORY, digest };
      await deps.rollout.makeStable(write, image, '/healthz', 1_000);
    }
    const activities = createRescanActivities(deps);
    const find = (): Promise<FindRunningResult> =>
      quietEnvironment().run((one: FindRunningInput) => activities.findRunning(one), {
        settings: rescanSettings(),
      });

    const { running } = await find();

    expect(running.map(({ digest }) => digest).toSorted()).toEqual(digests);
  });
});
