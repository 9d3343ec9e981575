import type { ReleaseView } from '../../src/contract/schema/api-release';
import { poll } from '../support/e2e-stack';
import { startCanaryStack, type CanaryStack, type Placement } from '../support/canary-stack';
import type { Held, Hold, TargetWrite } from '../support/target-gate';

jest.setTimeout(900_000);

/** The promise: so soon after the signal the candidate has no traffic any more. */
const BACK_WITHIN_MS = 5_000;

/** What each state has done by then is taken back in reverse, but all traffic before any channel. */
const takenBack = (traffic: readonly string[], channels: readonly string[]): readonly string[] => [
  ...traffic,
  ...channels,
  'dev:candidate back',
];
const IN_STG = takenBack(['stg candidate withdrawn'], ['stg:candidate back']);
const STABLE_IN_STG = takenBack(
  ['stg traffic back', 'stg candidate withdrawn'],
  ['stg:stable back', 'stg:candidate back'],
);
const IN_PROD = takenBack(
  ['prod candidate withdrawn', 'stg traffic back', 'stg candidate withdrawn'],
  ['prod:candidate back', 'stg:stable back', 'stg:candidate back'],
);
const PINNING = takenBack(
  ['prod traffic back', 'prod candidate withdrawn', 'stg traffic back', 'stg candidate withdrawn'],
  ['prod:stable back', 'prod:candidate back', 'stg:stable back', 'stg:candidate back'],
);

interface Case {
  readonly at: string;
  readonly via: 'api' | 'signal';
  readonly undone: readonly string[];
  /** Kept at this write. */
  readonly hold?: Omit<Held, 'svc'>;
  /** Kept in this window, which lasts long. */
  readonly window?: number | 'observation';
  /** Kept where people or the line hold it up. */
  readonly step?: 'approval' | 'freeze: prod pin';
}

/** Lanes beside each other; in each, one case after the other. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  ant: [
    {
      at: 'stg:candidate, before it starts',
      via: 'api',
      undone: IN_STG,
      hold: { env: 'stg', kind: 'start', when: 'before' },
    },
    { at: 'canary 25 %, by signal', via: 'signal', undone: IN_STG, window: 25 },
    { at: 'observation, by API', via: 'api', undone: IN_PROD, window: 'observation' },
    {
      at: 'the pin, before traffic has moved',
      via: 'api',
      undone: PINNING,
      hold: { env: 'prod', kind: 'stable', when: 'before' },
    },
  ],
  bee: [
    { at: 'canary 5 %', via: 'api', undone: IN_STG, window: 5 },
    { at: 'canary 25 %, by API', via: 'api', undone: IN_STG, window: 25 },
    { at: 'approval', via: 'api', undone: IN_PROD, step: 'approval' },
    {
      at: 'the pin, when traffic has moved',
      via: 'signal',
      undone: PINNING,
      hold: { env: 'prod', kind: 'stable', when: 'after' },
    },
  ],
  cat: [
    { at: 'canary 100 %', via: 'signal', undone: IN_STG, window: 100 },
    { at: 'observation, by signal', via: 'signal', undone: IN_PROD, window: 'observation' },
    { at: 'a stopped line', via: 'signal', undone: IN_PROD, step: 'freeze: prod pin' },
  ],
  dog: [
    {
      at: 'stg:stable, when traffic has moved',
      via: 'api',
      undone: STABLE_IN_STG,
      hold: { env: 'stg', kind: 'stable', when: 'after' },
    },
    {
      at: 'prod:candidate, when it has started',
      via: 'signal',
      undone: IN_PROD,
      hold: { env: 'prod', kind: 'start', when: 'after' },
    },
    {
      at: 'canary 25 %, as it is given',
      via: 'api',
      undone: IN_STG,
      hold: { env: 'stg', kind: 'percent', percent: 25, when: 'after' },
    },
  ],
};
const LANES = Object.keys(CASES);

/** What takes the traffic away, by the title of the step. */
const TAKES_AWAY: Readonly<Record<string, Pick<TargetWrite, 'env' | 'kind'>>> = {
  'stg candidate withdrawn': { env: 'stg', kind: 'withdraw' },
  'stg traffic back': { env: 'stg', kind: 'stable' },
  'prod candidate withdrawn': { env: 'prod', kind: 'withdraw' },
  'prod traffic back': { env: 'prod', kind: 'stable' },
};

/** Of the environment that the release has come to last with traffic; null where it has none anywhere. */
function takesAway({ undone, hold }: Case): Pick<TargetWrite, 'env' | 'kind'> | null {
  const [first = ''] = undone;
  const isStart = hold?.kind === 'start';
  // Started beside stable it has no share yet, but all of the environment before.
  const title = isStart ? undone.find((one) => one.endsWith('traffic back')) : first;
  return TAKES_AWAY[title ?? ''] ?? null;
}

/** Everything that has to be as it was. */
interface World {
  readonly channels: Readonly<Record<string, string | null>>;
  readonly stg: Pick<Placement, 'stable' | 'candidate' | 'candidatePercent'>;
  readonly prod: Pick<Placement, 'stable' | 'candidate' | 'candidatePercent'>;
}

interface Aborted {
  readonly before: World;
  readonly after: World;
  readonly end: ReleaseView;
  /** From the signal to the target's answer that the new version has no traffic there; null where it had none. */
  readonly backMs: number | null;
}

let canary: CanaryStack;

async function lookAround(svc: string): Promise<World> {
  const trim = ({ stable, candidate, candidatePercent }: Placement): World['stg'] => ({
    stable,
    candidate,
    candidatePercent,
  });
  const [stg, prod] = await Promise.all(['stg', 'prod'].map((env) => canary.placement(svc, env)));
  return { channels: await canary.e2e.channels(svc), stg: trim(stg!), prod: trim(prod!) };
}

async function approve(id: string): Promise<void> {
  await canary.waitForStep(id, 'approval');
  await poll(`an approval of ${id}`, async () => {
    const { code } = await canary.e2e.plura('bob', 'reg', 'approve', id);
    return code === 0 || undefined;
  });
}

async function operate(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await canary.e2e.plura('carol', 'reg', ...args);
  if (code !== 0) throw new Error(`plura reg ${args.join(' ')}: exit ${code}: ${stderr}`);
}

/** One window that outlasts all that is done in it. */
async function longWindow(window: Case['window']): Promise<readonly string[]> {
  if (window === undefined) return [];
  const steps = [5, 25, 100].map((percent) =>
    percent === window ? { percent, window: '60s' } : { percent },
  );
  const plan =
    window === 'observation' ? { observation: { window: '60s' } } : { canary: { steps } };
  return ['--canary-plan', await canary.writePlan(`long-${window}`, plan)];
}

/** Brings a release of the service to where it is to be aborted. */
async function arrive(
  svc: string,
  id: string,
  one: Case,
  from: number,
  hold: Hold | null,
): Promise<void> {
  const { window, step } = one;
  if (window === 'observation') await canary.waitForWrite(svc, 'prod', { kind: 'percent', from });
  else if (window !== undefined)
    await canary.waitForWrite(svc, 'stg', { kind: 'percent', percent: window, from });
  if (step === 'approval') await canary.waitForStep(id, step);
  if (step === 'freeze: prod pin') {
    await canary.waitForStep(id, 'observation');
    await operate('freeze', 'stop', svc, '--reason', 'e2e');
    await approve(id);
    await canary.waitForStep(id, step);
  }
  if (hold && one.hold?.kind === 'stable' && one.hold.env === 'prod') await approve(id);
  await hold?.reached;
}

async function abort(id: string, via: Case['via']): Promise<number> {
  if (via === 'signal') return canary.signalAbort(id, 'carol');
  const sentMs = Date.now();
  await operate('abort', id, '--yes', '--reason', 'e2e');
  return sentMs;
}

async function runCase(svc: string, one: Case, version: string): Promise<Aborted> {
  const before = await lookAround(svc);
  const from = canary.gate.writes.length;
  const hold = one.hold ? canary.gate.hold({ svc, ...one.hold }) : null;
  const id = await canary.e2e.promote(svc, 'steady', version, ...(await longWindow(one.window)));
  try {
    await arrive(svc, id, one, from, hold);
    const sentMs = await abort(id, one.via);
    hold?.release();
    const end = await canary.waitForEnd(id);
    const wanted = takesAway(one);
    // The last one: a write that was held may still have come through.
    const back = canary.gate.writes
      .slice(from)
      .findLast(
        ({ kind, env, ...write }) =>
          write.svc === svc && env === wanted?.env && kind === wanted.kind && write.atMs >= sentMs,
      );
    const backMs = back ? back.atMs - sentMs : null;
    return { before, after: await lookAround(svc), end, backMs };
  } finally {
    hold?.release();
    if (one.step === 'freeze: prod pin') await operate('freeze', 'resume', svc, '--reason', 'e2e');
    // Whatever went wrong, the next case of this lane has it to itself.
    await canary.e2e.plura('carol', 'reg', 'abort', id, '--yes', '--reason', 'clean up');
    await canary.waitForEnd(id);
  }
}

async function runLane(svc: string, done: Map<string, Promise<Aborted>>): Promise<void> {
  for (const [index, one] of (CASES[svc] ?? []).entries()) {
    const result = runCase(svc, one, `1.${index}.0`);
    result.catch(() => undefined);
    done.set(one.at, result);
    await result.catch(() => undefined);
  }
}

beforeAll(async () => {
  canary = await startCanaryStack({
    samples: { services: LANES.map((svc) => ({ svc })), sources: { steady: {} } },
    policy: [
      ['steps: [25, 100]', 'steps: [5, 25, 100]'],
      ['window: 3s', 'window: 2s'],
      ['minRequests: 10', 'minRequests: 3'],
      ['required: false', 'required: true'],
    ],
  });
});
afterAll(async () => {
  await canary.stop();
});

async function release(svc: string, version: string): Promise<ReleaseView> {
  const id = await canary.e2e.promote(svc, 'steady', version);
  await approve(id);
  return canary.waitForEnd(id);
}

it('has something stable to go back to', async () => {
  const ends = await Promise.all(LANES.map((svc) => release(svc, '0.1.0')));

  expect(ends.map(({ outcome }) => outcome)).toEqual(LANES.map(() => 'released'));
});

describe('a release aborted at', () => {
  const done = new Map<string, Promise<Aborted>>();

  beforeAll(async () => {
    await Promise.all(LANES.map((svc) => runLane(svc, done)));
  });

  const all = Object.values(CASES).flat();
  it.each(all.map((one) => [one.at, one] as const))('%s takes all of it back', async (at, one) => {
    const { before, after, end } = await done.get(at)!;

    const undone = end.steps.filter(({ stage }) => stage === 'compensation');
    expect(end).toMatchObject({ outcome: 'aborted' });
    expect(undone.map(({ title }) => title)).toEqual(one.undone);
    expect(undone.filter(({ state }) => state !== 'compensated')).toEqual([]);
    expect(after).toEqual(before);
  });

  const served = all.filter((one) => takesAway(one) !== null);
  it.each(served.map(({ at }) => [at]))('%s has no traffic within 5 s', async (at) => {
    const { backMs } = await done.get(at)!;

    process.stdout.write(`abort at ${at}: weight 0 after ${backMs ?? NaN} ms\n`);
    expect(backMs).not.toBeNull();
    expect(backMs).toBeLessThanOrEqual(BACK_WITHIN_MS);
  });
});

describe('before anything has moved', () => {
  async function expectNothingDone(svc: string, before: World, id: string): Promise<void> {
    const end = await canary.waitForEnd(id);
    expect(end).toMatchObject({ outcome: 'aborted' });
    expect(end.steps.filter(({ stage }) => stage === 'compensation')).toEqual([]);
    await expect(lookAround(svc)).resolves.toEqual(before);
  }

  it('a release aborted in the queue never begins', async () => {
    const before = await lookAround('ant');
    const hold = canary.gate.hold({ svc: 'ant', env: 'stg', kind: 'start', when: 'before' });
    const running = await canary.e2e.promote('ant', 'steady', '2.0.0');
    const queued = await canary.e2e.promote('ant', 'steady', '2.1.0');
    await hold.reached;

    await operate('abort', queued, '--yes', '--reason', 'e2e');

    const end = await canary.waitForEnd(queued);
    expect(end).toMatchObject({ outcome: 'aborted', steps: [] });
    await operate('abort', running, '--yes', '--reason', 'e2e');
    hold.release();
    await canary.waitForEnd(running);
    await expect(lookAround('ant')).resolves.toEqual(before);
  });

  it.each(['build', 'sign'] as const)('a release aborted at %s moved nothing', async (stage) => {
    const before = await lookAround('bee');
    const part = stage === 'build' ? 'buildkitd' : 'rekor';
    // Stopped, it answers nobody: the step lasts for as long as it takes to abort.
    const pid = canary.e2e.stack.pidOf(part)!;
    process.kill(pid, 'SIGSTOP');
    try {
      const id = await canary.e2e.promote('bee', 'steady', stage === 'build' ? '2.0.0' : '2.1.0');
      await canary.waitForStep(id, stage);

      await canary.signalAbort(id, 'carol');

      await expectNothingDone('bee', before, id);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

describe('a canary without measurements', () => {
  it.each([
    ['gone', 'SIGKILL'],
    ['silent', 'SIGSTOP'],
  ] as const)('gets no more traffic while Prometheus is %s', async (_how, signal) => {
    const { stack } = canary.e2e;
    const from = canary.gate.writes.length;
    const version = signal === 'SIGKILL' ? '3.0.0' : '3.1.0';
    const id = await canary.e2e.promote('cat', 'steady', version);
    await canary.waitForWrite('cat', 'stg', { kind: 'percent', percent: 5, from });

    if (signal === 'SIGKILL') await stack.kill9('prometheus');
    else process.kill(stack.pidOf('prometheus')!, 'SIGSTOP');
    // Several times the window and its extensions.
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const duringOutage = canary.writesOf('cat', 'stg', from).map(({ percent }) => percent);
    const placement = await canary.placement('cat', 'stg');
    if (signal === 'SIGKILL') await stack.startPart('prometheus');
    else process.kill(stack.pidOf('prometheus')!, 'SIGCONT');

    expect(duringOutage).toEqual([null, 5]);
    expect(placement).toMatchObject({ candidatePercent: 5 });
    await approve(id);
    await expect(canary.waitForEnd(id)).resolves.toMatchObject({ outcome: 'released' });
  });
});

it('is pre-empted by a rollback, which waits for nothing', async () => {
  const first = await canary.e2e.channels('dog');
  await release('dog', '3.0.0');
  const from = canary.gate.writes.length;
  const id = await canary.e2e.promote('dog', 'steady', '3.1.0', ...(await longWindow(25)));
  await canary.waitForWrite('dog', 'stg', { kind: 'percent', percent: 25, from });

  await operate('rollback', 'dog', '--yes', '--reason', 'e2e');

  await expect(canary.e2e.channels('dog')).resolves.toMatchObject({
    'prod:stable': first['prod:stable'],
  });
  await expect(canary.placement('dog', 'prod')).resolves.toMatchObject({
    stable: first['prod:stable'],
    candidate: null,
  });
  await expect(canary.waitForEnd(id)).resolves.toMatchObject({ outcome: 'preempted' });
  await poll('the candidate to be gone', async () => {
    const stg = await canary.placement('dog', 'stg');
    return (stg?.candidate === null && stg.candidatePercent === 0) || undefined;
  });
  const percents = canary.writesOf('dog', 'stg', from).map(({ percent }) => percent);
  expect(percents).not.toContain(100);
});
