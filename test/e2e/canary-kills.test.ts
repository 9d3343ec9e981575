import { HistoryAnswer } from '../../src/contract/schema/api-service';
import { VerdictList } from '../../src/contract/schema/api-verdict';
import { parseDigest } from '../../src/domain/digest';
import { BUNDLE_ARTIFACT_TYPE } from '../../src/ports/signer';
import { startCanaryStack, type CanaryStack } from '../support/canary-stack';
import type { Hold } from '../support/target-gate';

jest.setTimeout(600_000);

/** Each service is struck at one step of its canary, all of them by one blow. */
const STEPS = [
  { svc: 'ant', step: 'startCandidate' },
  { svc: 'bee', step: '5 %', percent: 5 },
  { svc: 'cat', step: '25 %', percent: 25 },
  { svc: 'dog', step: '100 %', percent: 100 },
  { svc: 'elk', step: 'stg:stable' },
] as const;
type Step = (typeof STEPS)[number];

/** in the window: traffic is given, samples come in. in the write: the target has heard nothing yet. */
type Moment = 'in the window' | 'in the write';

/** The window that is struck; the others are as long as the policy says. */
const LONG = '30s';

let canary: CanaryStack;

beforeAll(async () => {
  canary = await startCanaryStack({
    samples: { services: STEPS.map(({ svc }) => ({ svc })), sources: { steady: {} } },
    policy: [
      ['steps: [25, 100]', 'steps: [5, 25, 100]'],
      ['window: 3s', 'window: 2s'],
      ['minRequests: 10', 'minRequests: 3'],
    ],
  });
});
afterAll(async () => {
  await canary.stop();
});

/** Where a release arrived, in words that are the same for every service. */
async function describeEnd(id: string): Promise<unknown> {
  const { e2e } = canary;
  const release = await canary.waitForEnd(id);
  const { svc, digest } = release;
  const name = (text: string | null): string | null => (text === digest ? 'this' : text && 'other');
  const channels = Object.entries(await e2e.channels(svc));
  const image = { repository: `apps/${svc}/${svc}`, digest: parseDigest(digest!) };
  const bundles = await e2e.registryAs('scanner').listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  return {
    outcome: release.outcome,
    failed: release.steps.filter(({ state }) => state !== 'done').map(({ title }) => title),
    channels: channels.map(([channel, value]) => [channel, name(value)]).sort(),
    stg: await describePlacement(svc, 'stg', name),
    prod: await describePlacement(svc, 'prod', name),
    moves: await movesOf(svc, id, name),
    verdicts: await verdictsOf(id, digest!),
    signatures: bundles.length,
  };
}

type Name = (text: string | null) => string | null;

async function describePlacement(svc: string, env: string, name: Name): Promise<unknown> {
  const placement = await canary.placement(svc, env);
  const { stable = null, candidate = null, candidatePercent } = placement ?? {};
  return { stable: name(stable), candidate: name(candidate), candidatePercent };
}

/** Every move of a channel for this release: one that was made twice is here twice. */
async function movesOf(svc: string, id: string, name: Name): Promise<readonly string[]> {
  const { stdout } = await canary.e2e.plura('dave', 'reg', 'history', svc, '--json');
  const { history } = HistoryAnswer.parse(JSON.parse(stdout));
  return history
    .filter(({ releaseId }) => releaseId === id)
    .map(({ channel, from, to }) => `${channel}: ${name(from) ?? '-'} > ${name(to) ?? '-'}`)
    .sort();
}

/** What stands, and how often gates other than windows were answered: a window is judged at each checkpoint. */
async function verdictsOf(id: string, digest: string): Promise<readonly string[]> {
  const { stdout } = await canary.e2e.plura('dave', 'reg', 'verdict', 'show', id, '--json');
  const { verdicts } = VerdictList.parse(JSON.parse(stdout));
  return verdicts
    .map(({ gate, subject, outcome, judged }) => {
      const times = gate === 'canary' || gate === 'observation' ? '' : ` x${judged}`;
      return `${gate} ${subject.replace(digest, 'image')}: ${outcome}${times}`;
    })
    .sort();
}

/** Traffic as it was given in stg, repeats of one write left out: it never goes back and forth. */
function weightsSince(svc: string, from: number): readonly number[] {
  const percents = canary
    .writesOf(svc, 'stg', from)
    .flatMap(({ percent, status }) => (percent !== null && status === 200 ? [percent] : []));
  return percents.filter((percent, index) => percent !== percents[index - 1]);
}

let undisturbed: unknown;

it('takes first releases of all, and an undisturbed one to compare with', async () => {
  const firsts = STEPS.map(async ({ svc }) =>
    canary.waitForEnd(await canary.e2e.promote(svc, 'steady', '0.1.0')),
  );
  await firsts[0];
  const second = await canary.e2e.promote('ant', 'steady', '0.2.0');
  undisturbed = await describeEnd(second);
  const outcomes = (await Promise.all(firsts)).map(({ outcome }) => outcome);

  expect(outcomes).toEqual(STEPS.map(() => 'released'));
  expect(undisturbed).toMatchObject({
    outcome: 'released',
    failed: [],
    stg: { stable: 'this', candidate: null, candidatePercent: 0 },
    prod: { stable: 'this', candidate: null, candidatePercent: 0 },
    signatures: 4,
  });
});

interface Struck {
  readonly id: string;
  readonly from: number;
  readonly hold: Hold | null;
}

/** Brings a release to its step and keeps it there. */
async function bringToStep(one: Step, version: string, moment: Moment): Promise<Struck> {
  const { svc } = one;
  const from = canary.gate.writes.length;
  const percent = 'percent' in one ? one.percent : null;
  const write =
    percent === null
      ? ({ kind: svc === 'ant' ? 'start' : 'stable' } as const)
      : ({ kind: 'percent', percent } as const);
  const when = moment === 'in the write' ? 'before' : 'after';
  const isHeld = percent === null || moment === 'in the write';
  const hold = isHeld ? canary.gate.hold({ svc, env: 'stg', ...write, when }) : null;
  const plan = isHeld ? [] : ['--canary-plan', await writeLongPlan(percent)];
  const id = await canary.e2e.promote(svc, 'steady', version, ...plan);
  if (hold) await hold.reached;
  else await canary.waitForWrite(svc, 'stg', { ...write, from });
  return { id, from, hold };
}

function writeLongPlan(percent: number): Promise<string> {
  const steps = [5, 25, 100].map((one) =>
    one === percent ? { percent: one, window: LONG } : { percent: one },
  );
  return canary.writePlan(`long-${percent}`, { canary: { steps } });
}

/** All at their step; then the blow, and what follows. */
async function strikeAll(
  version: string,
  moment: Moment,
  strike: (release: () => void) => Promise<void>,
): Promise<readonly Struck[]> {
  const all = await Promise.all(STEPS.map((one) => bringToStep(one, version, moment)));
  for (const { id } of all) expect((await canary.look(id))?.outcome).toBeUndefined();
  await strike(() => {
    for (const { hold } of all) hold?.release();
  });
  return all;
}

async function killWorker(release: () => void): Promise<void> {
  await canary.e2e.stack.kill9('worker-release');
  release();
  await canary.e2e.stack.startPart('worker-release');
}

async function killPrometheus(release: () => void): Promise<void> {
  await canary.e2e.stack.kill9('prometheus');
  release();
  // Long enough for measurements to fail.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await canary.e2e.stack.startPart('prometheus');
}

interface Blow {
  readonly what: string;
  readonly moment: Moment;
  readonly version: string;
  readonly strike: (release: () => void) => Promise<void>;
}

describe.each<Blow>([
  { what: 'worker', moment: 'in the window', version: '1.1.0', strike: killWorker },
  { what: 'worker', moment: 'in the write', version: '1.2.0', strike: killWorker },
  { what: 'Prometheus', moment: 'in the window', version: '1.3.0', strike: killPrometheus },
])('$what killed with SIGKILL, $moment', ({ version, moment, strike }) => {
  let struck: readonly Struck[];

  beforeAll(async () => {
    struck = await strikeAll(version, moment, strike);
  });

  it.each(STEPS.map(({ step }, index) => [step, index] as const))(
    'at %s: ends as an undisturbed release',
    async (_step, index) => {
      const { id, from } = struck[index]!;

      await expect(describeEnd(id)).resolves.toEqual(undisturbed);
      expect(weightsSince(STEPS[index]!.svc, from)).toEqual([5, 25, 100]);
    },
  );
});
