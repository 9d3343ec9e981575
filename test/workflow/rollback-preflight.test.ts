import { ApplicationFailure } from '@temporalio/common';
import { WORKFLOWS } from '../../src/contract/messages';
import type { PreflightRun } from '../../src/contract/drill-messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { createFakeNotifier } from '../support/fakes/notifier';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { settleService } from '../support/settled-service';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;

describe('rollbackPreflightWorkflow', () => {
  const server = useDevServer();
  let runs = 0;

  async function run(recordAs?: string): Promise<PreflightRun> {
    runs += 1;
    const settings = {
      ...{ everyMs: DAY_MS, leaseMs: 3 * DAY_MS, verdictMaxAgeMs: 7 * DAY_MS },
      transparencyLog: 'required',
    };
    const handle = await server.environment.client.workflow.start(WORKFLOWS.rollbackPreflight, {
      workflowId: `rollback-preflight-${String(runs)}`,
      taskQueue: TASK_QUEUES.control,
      args: [{ settings }],
    });
    const result = (await handle.result()) as PreflightRun;
    if (recordAs !== undefined) {
      const { workflowId } = handle;
      keepHistory({ name: recordAs, workflowId, history: await handle.fetchHistory() });
    }
    return result;
  }

  /** A catalogue of this service alone, whose 2.0.0 is prod:stable, so that 1.0.0 is the way back. */
  async function released(svc: string): Promise<{ deps: FakeDeps; target: Digest }> {
    const { deps, request, stable } = await settleService(server, svc);
    const second = await server.caller.run(request('2.0.0', { policy: withoutWindows() }));
    if (second.outcome !== 'released') throw new Error(second.reason);
    const all = {
      ...deps,
      notifier: createFakeNotifier(),
      services: [testService(svc)],
    };
    for (const one of ['', svc]) server.workers.use(one, all);
    return { deps: all, target: stable };
  }

  it('finds a complete way back, leases it and says nothing', async () => {
    const { deps, target } = await released('whole');

    const report = await run('rollback-preflight/complete');

    expect(report).toMatchObject({ complete: 1, incomplete: 0, noTarget: 0, errors: 0 });
    expect(await deps.drills.getPreflight('whole')).toMatchObject({
      ...{ digest: target, outcome: 'complete', faults: [] },
    });
    const now = new Date().toISOString();
    const [lease] = await deps.leases.find('apps/whole/whole', [target], now);
    expect(lease).toMatchObject({ svc: 'whole', reason: 'rollback-target' });
    expect(Date.parse(lease?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 2.9 * DAY_MS);
    expect(deps.notifier.sent).toEqual([]);
  });

  it('alarms once of what is not complete, and says when it is over', async () => {
    const { deps, target } = await released('spoilt');
    deps.ledger.quarantined.add(target);

    expect(await run()).toMatchObject({ complete: 0, incomplete: 1 });
    expect(await run()).toMatchObject({ incomplete: 1 });
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', svc: 'spoilt', text: containing('quarantined') },
    ]);
    deps.ledger.quarantined.delete(target);

    expect(await run()).toMatchObject({ complete: 1, incomplete: 0 });
    expect(deps.notifier.sent.at(-1)).toMatchObject({
      ...{ severity: 'info', title: containing('complete again') },
    });
  });

  it.each<[string, (deps: FakeDeps, image: { repository: string; digest: Digest }) => unknown]>([
    ['sbom', loseAttested('https://cyclonedx.org/bom')],
    ['provenance', loseAttested('https://slsa.dev/provenance/v1')],
    ['signature', loseAttested('https://sigstore.dev/cosign/sign/v1')],
    [
      'blob',
      async (deps, image) => {
        const { config, manifests } = await deps.registry.getManifest(image);
        const [child] = manifests;
        const of = child && (await deps.registry.getManifest({ ...image, digest: child.digest }));
        const lost = of?.config ?? config;
        if (!lost) throw new Error('the image has no config');
        deps.registry.lose({ ...image, digest: lost.digest });
      },
    ],
    [
      'manifest',
      (deps, image) => {
        deps.registry.lose(image);
      },
    ],
  ])('names the %s that is gone', async (part, lose) => {
    const svc = `no-${part}`;
    const { deps, target } = await released(svc);
    await lose(deps, { repository: `apps/${svc}/${svc}`, digest: target });

    await run();

    const preflight = await deps.drills.getPreflight(svc);
    expect(preflight?.faults.map((one) => one.part)).toContain(part);
  });

  it('is content with a service that was released once', async () => {
    const { deps } = await settleService(server, 'young');
    server.workers.use('', { ...deps, services: [testService('young')] });

    expect(await run()).toMatchObject({ noTarget: 1, incomplete: 0, errors: 0 });
  });

  it('says what it could not look at, and keeps what it knew', async () => {
    const { deps, target } = await released('unseen');
    await run();
    deps.registry.fail('REGISTRY_UNAVAILABLE', 1, 'findMissing');

    expect(await run()).toMatchObject({ errors: 1, complete: 0, notes: [containing('unseen')] });
    expect(await deps.drills.getPreflight('unseen')).toMatchObject({
      ...{ digest: target, outcome: 'complete' },
    });
    expect(deps.notifier.sent).toMatchObject([{ severity: 'warning', svc: '' }]);
  });

  it('tells again what nobody was told of', async () => {
    const { deps, target } = await released('untold');
    deps.ledger.quarantined.add(target);
    deps.notifier.fail('FORBIDDEN', 1);

    expect(await run()).toMatchObject({ incomplete: 1, errors: 1 });
    expect(await deps.drills.getPreflight('untold')).toBeNull();
    expect(await run()).toMatchObject({ incomplete: 1, errors: 0 });
    expect(deps.notifier.sent).toContainEqual(
      expect.objectContaining({ severity: 'critical', svc: 'untold' }),
    );
  });

  describe('in a catalogue of three slices', () => {
    const named = (number: number): string => `svc-${String(number).padStart(2, '0')}`;

    /** Looking at these ends the activity. */
    async function spoiltAt(...spoilt: readonly number[]): Promise<FakeDeps> {
      const deps = await createFakeDeps();
      const services = Array.from({ length: 45 }, (_, index) => testService(named(index)));
      const { drills } = deps;
      const getPreflight: typeof drills.getPreflight = (svc) =>
        spoilt.map(named).includes(svc)
          ? Promise.reject(ApplicationFailure.nonRetryable(`${svc} is spoilt`))
          : drills.getPreflight(svc);
      server.workers.use('', { ...deps, services, drills: { ...drills, getPreflight } });
      return deps;
    }

    it('goes on after one that fails, and counts it', async () => {
      const deps = await spoiltAt(3);

      expect(await run()).toMatchObject({
        ...{ noTarget: 25, errors: 1, notes: [containing('svc-03 is spoilt')] },
      });
      expect(await deps.drills.listPreflights()).toHaveLength(25);
    });

    it('goes on after one that can not be recorded', async () => {
      const deps = await spoiltAt();
      deps.drills.fail('FORBIDDEN', 1, 'savePreflight');

      expect(await run()).toMatchObject({ noTarget: 25, errors: 1 });
      expect(await deps.drills.listPreflights()).toHaveLength(25);
    });

    it('ends after two in a row', async () => {
      await spoiltAt(3, 23);

      expect(await run()).toMatchObject({ noTarget: 0, errors: 2 });
    });
  });

  it('goes through a catalogue of many slices, waiting for a ledger that is away', async () => {
    const deps = await createFakeDeps();
    const services = Array.from({ length: 45 }, (_, index) => testService(`svc-${String(index)}`));
    server.workers.use('', { ...deps, services });
    deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'getChannel');

    expect(await run()).toMatchObject({ noTarget: 45, errors: 0 });
    expect(await deps.drills.listPreflights()).toHaveLength(45);
  });
});

function loseAttested(type: string) {
  return async (deps: FakeDeps, image: { repository: string; digest: Digest }): Promise<void> => {
    for (const referrer of await deps.registry.listReferrers(image)) {
      if (referrer.annotations?.['dev.sigstore.bundle.predicateType'] !== type) continue;
      deps.registry.lose({ repository: image.repository, digest: referrer.digest });
    }
  };
}
