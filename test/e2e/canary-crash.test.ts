import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReleaseView } from '../../src/contract/schema/api-release';
import { startCanaryStack, type CanaryStack } from '../support/canary-stack';
import { poll } from '../support/e2e-stack';

jest.setTimeout(600_000);

/** The standard's windows last minutes and a version may die in the fifth; here all is a fiftieth of that. */
const WINDOW = '8s';
const DIES_AFTER = '4s';

interface Case {
  readonly svc: string;
  readonly what: string;
  readonly source: 'steady' | 'never-ready' | 'crashing';
  /** Where its container is killed from outside. */
  readonly evictedIn?: 'stg' | 'prod';
  /** What the release says about it. */
  readonly reason: RegExp;
  /** The last step that was begun before all was taken back. */
  readonly lastStep: string;
}

const CASES: readonly Case[] = [
  {
    svc: 'ant',
    what: 'never gets ready',
    source: 'never-ready',
    reason: /did not become ready.*answered 503/s,
    lastStep: 'stg:candidate',
  },
  {
    svc: 'bee',
    what: 'crashes after a while',
    source: 'crashing',
    reason: /canary 25 %.*ended by itself.*crashed after 4s/s,
    lastStep: 'canary 25 %',
  },
  {
    svc: 'cat',
    what: 'is evicted in the canary',
    source: 'steady',
    evictedIn: 'stg',
    reason: /canary 25 %.*ended by itself/s,
    lastStep: 'canary 25 %',
  },
  {
    svc: 'dog',
    what: 'is evicted in the observation',
    source: 'steady',
    evictedIn: 'prod',
    reason: /observation.*ended by itself/s,
    lastStep: 'observation',
  },
];

let canary: CanaryStack;

beforeAll(async () => {
  canary = await startCanaryStack({
    samples: {
      services: CASES.map(({ svc }) => ({ svc })),
      sources: {
        steady: {},
        'never-ready': { env: { HEALTH_STATUS: '503' } },
        crashing: { env: { CRASH_AFTER: DIES_AFTER } },
      },
    },
    policy: [
      ['minRequests: 10', 'minRequests: 3'],
      ['dependency: 3m', 'dependency: 3m, ready: 5s'],
    ],
  });
});
afterAll(async () => {
  await canary.stop();
});

/** As the kernel does when memory is short. */
async function evict(svc: string, env: 'stg' | 'prod'): Promise<void> {
  const candidate = await poll(`the candidate of ${svc} in ${env}`, async () => {
    const placement = await canary.placement(svc, env);
    return placement?.candidate ?? undefined;
  });
  const bundles = path.join(canary.e2e.stateDir, 'target/containers/bundles');
  const container = `${env}.${svc}.${candidate.slice(7, 23)}`;
  process.kill(Number(await readFile(path.join(bundles, container, 'pid'), 'utf8')), 'SIGKILL');
}

interface World {
  readonly channels: Readonly<Record<string, string | null>>;
  readonly placements: readonly unknown[];
}

async function lookAround(svc: string): Promise<World> {
  const placements = await Promise.all(['stg', 'prod'].map((env) => canary.placement(svc, env)));
  return {
    channels: await canary.e2e.channels(svc),
    placements: placements.map((one) => [one?.stable, one?.candidate, one?.candidatePercent]),
  };
}

interface Run {
  readonly before: World;
  readonly after: World;
  readonly end: ReleaseView;
}

async function run({ svc, source, evictedIn }: Case): Promise<Run> {
  const before = await lookAround(svc);
  const from = canary.gate.writes.length;
  const plan = await canary.writePlan('long', {
    canary: { steps: [{ percent: 25, window: WINDOW }, { percent: 100 }] },
    observation: { window: WINDOW },
  });
  const id = await canary.e2e.promote(svc, source, '1.0.0', '--canary-plan', plan);
  if (evictedIn) {
    await canary.waitForWrite(svc, evictedIn, { kind: 'percent', from });
    await evict(svc, evictedIn);
  }
  const end = await canary.waitForEnd(id);
  return { before, after: await lookAround(svc), end };
}

it('has something stable to go back to', async () => {
  const ends = await Promise.all(
    CASES.map(async ({ svc }) =>
      canary.waitForEnd(await canary.e2e.promote(svc, 'steady', '0.1.0')),
    ),
  );

  expect(ends.map(({ outcome }) => outcome)).toEqual(CASES.map(() => 'released'));
});

describe('a canary whose new version', () => {
  const runs = new Map<string, Promise<Run>>();

  beforeAll(async () => {
    for (const one of CASES) runs.set(one.svc, run(one));
    await Promise.allSettled(runs.values());
  });

  it.each(CASES.map((one) => [one.what, one] as const))(
    '%s is compensated, with the cause in the reason',
    async (_what, { svc, reason, lastStep }) => {
      const { before, after, end } = await runs.get(svc)!;

      const undone = end.steps.filter(({ stage }) => stage === 'compensation');
      const failed = end.steps.filter(({ state }) => state === 'failed');
      expect(end.outcome).toBe('rejected');
      expect(end.reason).toMatch(reason);
      expect(failed.map(({ title }) => title)).toEqual([lastStep]);
      expect(undone.length).toBeGreaterThan(0);
      expect(undone.filter(({ state }) => state !== 'compensated')).toEqual([]);
      expect(after).toEqual(before);
    },
  );

  it('shows the same to whoever asks by the CLI', async () => {
    const { end } = await runs.get('bee')!;

    const { stdout } = await canary.e2e.plura('dave', 'reg', 'status', end.releaseId);

    expect(stdout).toMatch(/rejected/);
    expect(stdout).toMatch(/crashed after 4s/);
  });
});
