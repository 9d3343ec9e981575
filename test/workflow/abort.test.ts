import { ReleaseError } from '../../src/contract/errors';
import { planOf } from '../../src/domain/plan-of';
import type { ReleaseStage } from '../../src/domain/release';
import type { ChannelStore } from '../../src/ports/ledger';
import type { WindowQuery, WindowSample } from '../../src/ports/metrics-source';
import { OLGA, testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import type { FakeDeps } from '../support/fake-deps';
import { healthySample } from '../support/fakes/metrics-source';
import { stepOf } from '../support/plan-release';
import { AS_BEFORE, settleService, takenBack } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

interface Case {
  readonly stage: ReleaseStage;
  readonly name: string;
  /** Makes the release stay at the stage for a few seconds. */
  readonly arrange?: (deps: FakeDeps) => void;
  /** The same, called as the window of an environment is measured. */
  readonly sampled?: (query: WindowQuery, deps: FakeDeps) => void;
  readonly approval?: true;
}

/** Retries after 0.25, 0.5, 1 and 2 s. */
const A_WHILE = 4;

const once = (run: (deps: FakeDeps) => void): ((query: WindowQuery, deps: FakeDeps) => void) => {
  let done = false;
  return ({ env }, deps) => {
    if (done || env !== 'prod') return;
    done = true;
    run(deps);
  };
};

let prodMeasurements = 0;

const CASES: readonly Case[] = [
  {
    stage: 'build',
    name: 'build',
    arrange: (deps) => {
      deps.builder.fail('BUILDER_UNAVAILABLE', A_WHILE);
    },
  },
  {
    stage: 'attest',
    name: 'attest',
    arrange: (deps) => {
      deps.scanner.fail('SCANNER_UNAVAILABLE', A_WHILE, 'generateSbom');
    },
  },
  {
    stage: 'scan',
    name: 'scan',
    arrange: (deps) => {
      deps.scanner.fail('SCANNER_UNAVAILABLE', A_WHILE, 'scanSbom');
    },
  },
  {
    stage: 'sign',
    name: 'sign',
    arrange: (deps) => {
      deps.signer.fail('SIGNER_UNAVAILABLE', A_WHILE, 'sign');
    },
  },
  {
    stage: 'tag',
    name: 'tag, before the first channel moves',
    arrange: (deps) => {
      deps.ledger.fail('LEDGER_UNAVAILABLE', A_WHILE, 'claimTag');
    },
  },
  {
    stage: 'tag',
    name: 'tag, with a channel half moved',
    arrange: (deps) => {
      deps.ledger.fail('LEDGER_UNAVAILABLE', A_WHILE, 'completeMove');
    },
  },
  {
    stage: 'stg',
    name: 'stg',
    arrange: (deps) => {
      deps.rollout.fail('ROLLOUT_UNAVAILABLE', A_WHILE, 'startCandidate');
    },
  },
  {
    stage: 'canary',
    name: 'canary',
    arrange: (deps) => {
      deps.metrics.fail('METRICS_UNAVAILABLE', A_WHILE);
    },
  },
  {
    stage: 'canary',
    name: 'canary, as stg takes the new digest',
    arrange: (deps) => {
      deps.rollout.fail('ROLLOUT_UNAVAILABLE', A_WHILE, 'makeStable');
    },
  },
  {
    stage: 'observation',
    name: 'observation',
    sampled: ({ env }) => {
      if (env !== 'prod') return;
      prodMeasurements += 1;
      if (prodMeasurements > A_WHILE) return;
      throw new ReleaseError('METRICS_UNAVAILABLE', 'not now');
    },
  },
  { stage: 'approval', name: 'approval', approval: true },
  {
    stage: 'prod-stable',
    name: 'the pin, before traffic moved',
    sampled: once((deps) => {
      deps.rollout.fail('ROLLOUT_UNAVAILABLE', A_WHILE, 'makeStable');
    }),
  },
  {
    stage: 'prod-stable',
    name: 'the pin, between traffic and channel',
    sampled: once((deps) => {
      deps.ledger.fail('LEDGER_UNAVAILABLE', A_WHILE, 'beginMove');
    }),
  },
  {
    stage: 'prod-stable',
    name: 'the pin, between tag and ledger',
    sampled: once((deps) => {
      deps.ledger.fail('LEDGER_UNAVAILABLE', A_WHILE, 'completeMove');
    }),
  },
];

describe('a release aborted at', () => {
  const server = useDevServer();

  it.each(CASES.map((one, index) => [one.name, one, index] as const))(
    '%s takes everything back',
    async (_, { stage, arrange, sampled, approval }, index) => {
      let tell: (query: WindowQuery) => void = () => undefined;
      const metrics = (query: WindowQuery): WindowSample => {
        tell(query);
        return healthySample();
      };
      const service = await settleService(server, `abort-${index}`, { metrics });
      const { caller, deps } = service;
      tell = (query) => sampled?.(query, deps);
      const policy = testPolicy();
      const request = service.request('2.0.0', {
        policy: { ...policy, approval: { ...policy.approval, required: approval ?? false } },
      });
      arrange?.(deps);
      await caller.submit(request);
      await eventually(() => caller.waitForStage(request.releaseId, stage));
      if (!approval) await caller.waitForRetry(request.releaseId);

      const first = await caller.decide(request.releaseId, 'abort', OLGA, 'wrong build');
      const second = await caller
        .decide(request.releaseId, 'abort', OLGA)
        .catch((e: unknown) => e as Error);
      const result = await caller.result(request.releaseId);

      expect(first).toMatchObject({ accepted: true });
      // Told again while it is being taken back: answered, without effect. Or it was over by then.
      if (!(second instanceof Error)) expect(second.accepted).toBe(true);
      expect(result).toMatchObject({ outcome: 'aborted', reason: 'wrong build (olga)' });
      expect(await takenBack(service)).toEqual(AS_BEFORE);
      const status = await service.status('2.0.0');
      expect(status.steps.filter((step) => step.state === 'compensation-failed')).toEqual([]);
      expect(deps.ledger.audit.map(({ action, actor }) => [action, actor])).toContainEqual([
        'abort',
        'olga',
      ]);
    },
  );

  it('the pin, while its last write is under way, goes back once that is done', async () => {
    const service = await settleService(server, 'last-write');
    const { caller, deps, svc } = service;
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    let held = 0;
    // The write of the pin, and of no compensation: only it names the new digest as the next.
    const ledger = Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
      completeMove: async (...[move, at]: Parameters<ChannelStore['completeMove']>) => {
        const isPin = move.channel.env === 'prod' && move.channel.tag === 'stable';
        if (isPin && move.next !== service.stable) {
          held += 1;
          await gate;
        }
        return deps.ledger.completeMove(move, at);
      },
    });
    server.workers.use(svc, { ...deps, ledger });
    const request = service.request('2.0.0');
    await caller.submit(request);
    await eventually(() => {
      expect(held).toBe(1);
    });

    const answer = await caller.decide(request.releaseId, 'abort', OLGA, 'wrong build');
    goOn();
    const result = await caller.result(request.releaseId);

    expect(answer).toMatchObject({ accepted: true });
    expect(result.outcome).toBe('aborted');
    expect(await takenBack(service)).toEqual(AS_BEFORE);
    // The pin did happen, and was undone: both are on record.
    const pins = (await deps.ledger.history(svc, 100)).filter(
      (move) => move.channel === 'prod:stable',
    );
    expect(pins).toHaveLength(3);
  });

  it('stg:stable while the registry hangs puts traffic back first, and the channel after', async () => {
    const service = await settleService(server, 'hanging');
    const { caller, deps, svc } = service;
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    let held = 0;
    const registry = Object.assign(Object.create(deps.registry) as FakeDeps['registry'], {
      putTag: async (...[image, tag]: Parameters<FakeDeps['registry']['putTag']>) => {
        const isStable = image.repository === `channels/stg/${svc}` && tag === 'stable';
        if (isStable && image.digest !== service.stable) {
          held += 1;
          await gate;
        }
        return deps.registry.putTag(image, tag);
      },
    });
    server.workers.use(svc, { ...deps, registry });
    const policy = withoutWindows();
    const plan = planOf({ policy, service: testService(svc), given: null });
    const request = service.request('2.0.0', { policy, plan });
    await caller.submit(request);
    await eventually(() => {
      expect(held).toBe(1);
    });

    await caller.decide(request.releaseId, 'abort', OLGA, 'wrong build');
    await eventually(() => {
      expect(deps.rollout.states.get(`${svc}/stg`)).toMatchObject({
        stable: service.stable,
        candidate: null,
      });
    });
    const running = await caller.status(request.releaseId);
    goOn();
    const result = await caller.result(request.releaseId);

    expect(stepOf(running, 'stg:stable back')?.state).not.toBe('compensated');
    expect(result.outcome).toBe('aborted');
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });

  it('everything, by a cancellation from Temporal Web UI', async () => {
    const service = await settleService(server, 'cancelled');
    const { caller, deps } = service;
    const request = service.request('2.0.0');
    deps.metrics.fail('METRICS_UNAVAILABLE', A_WHILE);
    await caller.submit(request);
    await eventually(() => caller.waitForStage(request.releaseId, 'canary'));

    await caller.release(request.releaseId).cancel();
    const result = await caller.result(request.releaseId);

    expect(result).toMatchObject({ outcome: 'aborted', reason: 'cancelled from Temporal' });
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });

  it('everything, by the longest time its policy allows', async () => {
    const service = await settleService(server, 'timed');
    const { caller, deps } = service;
    const { timeouts } = testPolicy();
    const policy = testPolicy({ timeouts: { ...timeouts, releaseMs: 1_500 } });
    deps.metrics.fail('METRICS_UNAVAILABLE', 100);

    const result = await caller.run(service.request('2.0.0', { policy }));

    expect(result.outcome).toBe('failed');
    expect(result.reason).toContain('not done within 1500 ms');
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });
});
