import { ReleaseError } from '../../src/contract/errors';
import type { WindowQuery, WindowSample } from '../../src/ports/metrics-source';
import { testPolicy } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { containing } from '../support/matchers';
import type { FakeDeps } from '../support/fake-deps';
import { healthySample } from '../support/fakes/metrics-source';
import { AS_BEFORE, settleService, takenBack } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually, startWorkers } from '../support/workflow-env';

jest.setTimeout(60_000);

type Fault = (deps: FakeDeps) => void;

/** Two refusals each: the release waits 0.25 s, then 0.5 s, at every one of these. */
const OUTAGES: readonly (readonly [string, readonly Fault[]])[] = [
  [
    'every part is down for a moment before anything is moved',
    [
      (deps) => {
        deps.builder.fail('BUILDER_UNAVAILABLE', 2);
      },
      (deps) => {
        deps.registry.fail('REGISTRY_UNAVAILABLE', 2, 'attach');
      },
      (deps) => {
        deps.registry.fail('REGISTRY_UNAVAILABLE', 2, 'putTag');
      },
      (deps) => {
        deps.scanner.fail('SCANNER_UNAVAILABLE', 2, 'generateSbom');
      },
      (deps) => {
        deps.scanner.fail('SCANNER_UNAVAILABLE', 2, 'scanSbom');
      },
      (deps) => {
        deps.scanner.fail('SCANNER_UNAVAILABLE', 2, 'describeDatabase');
      },
      (deps) => {
        deps.signer.fail('SIGNER_UNAVAILABLE', 1, 'sign');
      },
      (deps) => {
        deps.signer.fail('LOG_UNAVAILABLE', 1, 'sign');
      },
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'recordVerdict');
      },
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'claimTag');
      },
    ],
  ],
  [
    'every part is down for a moment while channels and traffic move',
    [
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'beginMove');
      },
      (deps) => {
        deps.registry.fail('REGISTRY_UNAVAILABLE', 2, 'mount');
      },
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'completeMove');
      },
      (deps) => {
        deps.rollout.fail('ROLLOUT_UNAVAILABLE', 2, 'startCandidate');
      },
      (deps) => {
        deps.rollout.fail('ROLLOUT_UNAVAILABLE', 2, 'setCandidatePercent');
      },
      (deps) => {
        deps.metrics.fail('METRICS_UNAVAILABLE', 2);
      },
      (deps) => {
        deps.rollout.fail('ROLLOUT_UNAVAILABLE', 2, 'makeStable');
      },
    ],
  ],
  [
    'every part is down for a moment as the papers are written',
    [
      (deps) => {
        deps.log.fail('LOG_UNAVAILABLE', 2, 'append');
      },
      (deps) => {
        deps.kms.fail('SIGNER_UNAVAILABLE', 2, 'mac');
      },
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'saveDocument');
      },
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'appendAudit');
      },
    ],
  ],
  [
    'the ledger is down as it starts',
    [
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 5);
      },
    ],
  ],
  [
    'the ledger takes no statuses for a while',
    [
      (deps) => {
        deps.ledger.fail('LEDGER_UNAVAILABLE', 4, 'saveStatus');
      },
    ],
  ],
  [
    'the registry is down as it starts',
    [
      (deps) => {
        deps.registry.fail('REGISTRY_UNAVAILABLE', 4);
      },
    ],
  ],
];

const server = useDevServer();

describe('a release waits and goes on when', () => {
  it.each(OUTAGES.map(([name, faults], index) => [name, faults, index] as const))(
    '%s',
    async (_, faults, index) => {
      const service = await settleService(server, `outage-${index}`);
      const { deps, svc } = service;
      const entries = deps.log.entries.length;
      for (const fault of faults) fault(deps);

      const result = await server.caller.run(service.request('2.0.0'));

      expect(result.outcome).toBe('released');
      const tag = await deps.registry.resolve(`channels/prod/${svc}`, 'stable');
      expect(tag?.digest).toBe(result.digest);
      expect(deps.rollout.states.get(`${svc}/prod`)?.stable).toBe(result.digest);
      expect(await service.status('2.0.0')).toMatchObject({ outcome: 'released' });
      expect(deps.notifier.sent).toEqual([]);
      expect(deps.log.entries).toHaveLength(entries + 1);
    },
  );
});

describe('a compensation that fails', () => {
  it('is recorded and alerted, and stops none of the others', async () => {
    const service = await settleService(server, 'broken');
    const { deps } = service;
    const { timeouts } = testPolicy();
    const policy = testPolicy({ timeouts: { ...timeouts, dependencyMs: 500 } });
    deps.scenarios.breakScenario('buy', 'wrong price');
    // Not retryable: the target refuses to withdraw, for good.
    deps.rollout.fail('ROLLOUT_FAILED', 1, 'withdrawCandidate');

    const result = await server.caller.run(service.request('2.0.0', { policy }));

    expect(result.outcome).toBe('rejected');
    const status = await service.status('2.0.0');
    expect(status.steps.map(({ title, state }) => [title, state])).toEqual(
      expect.arrayContaining([
        ['stg candidate withdrawn', 'compensation-failed'],
        ['stg:candidate back', 'compensated'],
        ['dev:candidate back', 'compensated'],
      ]),
    );
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', svc: 'broken', title: containing('stg candidate') },
    ]);
  });

  it('still says so in the status when the alert cannot be delivered', async () => {
    const service = await settleService(server, 'mute');
    const { deps } = service;
    const { timeouts } = testPolicy();
    const policy = testPolicy({ timeouts: { ...timeouts, dependencyMs: 100 } });
    deps.scenarios.breakScenario('buy', 'wrong price');
    deps.rollout.fail('ROLLOUT_FAILED', 1, 'withdrawCandidate');
    deps.notifier.fail('INTERNAL', 100, 'send');

    const result = await server.caller.run(service.request('2.0.0', { policy }));

    expect(result.outcome).toBe('rejected');
    const status = await service.status('2.0.0');
    const failed = status.steps.filter((step) => step.state === 'compensation-failed');
    expect(failed.map((step) => step.title)).toEqual(['stg candidate withdrawn']);
  });
});

describe('papers of a pin that cannot be written', () => {
  it('leave it released, with an alert', async () => {
    const service = await settleService(server, 'paperless');
    const { deps } = service;
    deps.kms.fail('INTERNAL', 1, 'mac');

    const result = await server.caller.run(service.request('2.0.0'));

    expect(result.outcome).toBe('released');
    expect(await service.status('2.0.0')).not.toHaveProperty('revertKeyId');
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'warning', title: containing('revert key') },
    ]);
  });
});

describe('workers that go away', () => {
  test.each(['build', 'canary', 'observation', 'prod-stable'] as const)(
    'at %s and come back find the release where it was',
    async (stage) => {
      let refusals = 0;
      let slow: (query: WindowQuery) => void = () => undefined;
      const metrics = (query: WindowQuery): WindowSample => {
        slow(query);
        return healthySample();
      };
      const service = await settleService(server, `restart-${stage}`, { metrics });
      const { deps, caller, svc } = service;
      const fail: Record<typeof stage, () => void> = {
        build: () => {
          deps.builder.fail('BUILDER_UNAVAILABLE', 3);
        },
        canary: () => {
          deps.metrics.fail('METRICS_UNAVAILABLE', 3);
        },
        observation: () => {
          slow = ({ env }) => {
            refusals += env === 'prod' ? 1 : 0;
            if (env === 'prod' && refusals <= 3) {
              throw new ReleaseError('METRICS_UNAVAILABLE', 'not now');
            }
          };
        },
        'prod-stable': () => {
          slow = ({ env }) => {
            if (env === 'prod') deps.ledger.fail('LEDGER_UNAVAILABLE', 3, 'completeMove');
          };
        },
      };
      fail[stage]();
      const request = service.request('2.0.0');
      await caller.submit(request);
      await eventually(() => caller.waitForStage(request.releaseId, stage));
      await caller.waitForRetry(request.releaseId);

      await server.workers.stop();
      server.workers = await startWorkers(server.environment);
      server.workers.use(svc, deps);
      const result = await caller.result(request.releaseId);

      expect(result.outcome).toBe('released');
      const tag = await deps.registry.resolve(`channels/prod/${svc}`, 'stable');
      expect(tag?.digest).toBe(result.digest);
      const history = await deps.ledger.history(svc, 100);
      const pins = history.filter((move) => move.channel === 'prod:stable');
      expect(pins.map((move) => move.to)).toEqual([result.digest, service.stable]);
      const status = await service.status('2.0.0');
      expect(status.steps.filter((step) => step.title === 'prod:stable')).toHaveLength(1);
    },
  );

  test('do not lose an abort that came meanwhile', async () => {
    const service = await settleService(server, 'restart-abort');
    const { deps, caller, svc } = service;
    deps.metrics.fail('METRICS_UNAVAILABLE', 3);
    const request = service.request('2.0.0');
    await caller.submit(request);
    await eventually(() => caller.waitForStage(request.releaseId, 'canary'));

    await server.workers.stop();
    await caller.release(request.releaseId).cancel();
    server.workers = await startWorkers(server.environment);
    server.workers.use(svc, deps);
    const result = await caller.result(request.releaseId);

    expect(result.outcome).toBe('aborted');
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });
});
