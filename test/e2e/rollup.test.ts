import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { servicePath } from '../../src/cli/references';
import { inParallel } from '../../src/contract/in-parallel';
import { BaseUsage } from '../../src/contract/schema/api-base-usage';
import { RollupStarted, RollupView } from '../../src/contract/schema/api-rollup';
import { HistoryAnswer } from '../../src/contract/schema/api-service';
import type { Digest } from '../../src/domain/digest';
import { isUnderWay } from '../../src/domain/rollup/next-step';
import { countStates } from '../../src/domain/rollup/report';
import { rollupPolicyOf } from '../../src/domain/rollup/policy';
import { waveSizes } from '../../src/domain/rollup/waves';
import { loadToken } from '../../src/local/target/token-file';
import { readPlacements } from '../../src/local/traffic/target-state';
import {
  BASE_FILES,
  startRollupStack,
  type Fault,
  type RollupStack,
} from '../support/rollup-stack';
import { measureMemory } from '../support/stack-memory';

/** Nothing is faked here; docs/rollups.md has the figures of 200: PLURA_ROLLUP_SERVICES=200. */
const COUNT = Number(process.env['PLURA_ROLLUP_SERVICES'] ?? '6');
const MINUTE_MS = 60_000;
jest.setTimeout(5 * MINUTE_MS + COUNT * 30_000);

const WAVES = waveSizes(COUNT, rollupPolicyOf({}).waves);
/** Shares of the rebuilds that have ended when the worker is killed. */
const KILLED_AT = COUNT < 20 ? [0.5] : [0.1, 0.5];
const AT_ONCE = 8;
const { zone, hosts } = BASE_FILES;

/** What a report says of each fault: who noticed it. */
const REASONS: Readonly<Record<Fault, RegExp>> = {
  'answers 500': /GATE_FAILED: canary 50 %: .* requests failed/,
  'is not built': /GATE_FAILED: build .*zone.* not found/s,
  'does not start': /ROLLOUT_FAILED: .*zone is not there/s,
};

let shop: RollupStack;
/** What is prod:stable of each before the rollup. */
const before = new Map<string, Digest>();
let phase = 'starting the stack';
let progress: NodeJS.Timeout;
const figures: string[] = [];

/** Minutes, where one waits for hundreds: stderr, since Jest keeps what a console says to the end. */
function tellProgress(): void {
  const began = Date.now();
  progress = setInterval(() => {
    const minutes = Math.round((Date.now() - began) / MINUTE_MS);
    process.stderr.write(`rollup of ${COUNT}, minute ${minutes}: ${phase}\n`);
  }, MINUTE_MS);
}

/** Runs it as a part of the test that takes a while; its figure is told at the end. */
async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  phase = name;
  const began = Date.now();
  const result = await work();
  const { partsMb, containersMb, containers } = measureMemory(shop.e2e);
  const seconds = Math.round((Date.now() - began) / 1000);
  const memory = `${partsMb} MB in parts, ${containersMb} MB in ${containers} containers`;
  figures.push(`${name} ${seconds} s (${memory})`);
  return result;
}

beforeAll(async () => {
  tellProgress();
  shop = await startRollupStack(COUNT);
});
afterAll(async () => {
  clearInterval(progress);
  process.stderr.write(`rollup of ${COUNT}: ${figures.join('; ')}\n`);
  await shop.stop();
});

/** What the target routes to in prod, by service. */
async function serving(): Promise<ReadonlyMap<string, string | null>> {
  const { addresses, stateDir } = shop.e2e;
  const token = await loadToken(path.join(stateDir, 'target', 'token'));
  const placements = await readPlacements(addresses.target, token);
  const inProd = placements.filter(({ env }) => env === 'prod');
  const answers = await inParallel(inProd, AT_ONCE, async ({ svc, url, stable }) => {
    const { status } = await fetch(url);
    return [svc, status === 200 ? stable : null] as const;
  });
  return new Map(answers);
}

async function pinsOf(svc: string, digest: string): Promise<number> {
  const { history } = HistoryAnswer.parse(await shop.e2e.ask(servicePath(svc, 'history')));
  return history.filter(({ channel, to }) => channel === 'prod:stable' && to === digest).length;
}

interface Watched {
  /** Rebuilds under way at a time. */
  readonly most: number;
  readonly kills: number;
}

/** Watches a rollup to its end and kills the worker on the way, with rebuilds under way. */
async function watch(id: string, killAt: readonly number[]): Promise<Watched> {
  const left = [...killAt];
  let most = 0;
  for (;;) {
    await sleep(1_000);
    const report = await shop.look(id);
    if (!report) continue;
    const { tasks, wave, waves, outcome } = report;
    most = Math.max(most, tasks.filter(isUnderWay).length);
    if (outcome !== null) return { most, kills: killAt.length - left.length };
    const { released, failed } = countStates(tasks);
    phase = `wave ${wave} of ${waves.length}: ${released} released, ${failed} failed`;
    const isDue = released + failed >= COUNT * (left[0] ?? Infinity);
    if (!isDue || !tasks.some(isUnderWay)) continue;
    left.shift();
    await shop.e2e.stack.kill9('worker-release');
    await shop.e2e.stack.startPart('worker-release');
  }
}

/** Starts a rollup and returns its id. */
async function run(reason: string): Promise<string> {
  const order = ['reg', 'rollup', 'run', '--reason', reason, '--yes', '--json'];
  const { stdout } = await shop.plura('carol', ...order);
  return RollupStarted.parse(JSON.parse(stdout)).id;
}

/** As the CLI tells it once it has ended. */
async function ended(id: string): Promise<{ readonly code: number; readonly report: RollupView }> {
  const asked = ['reg', 'rollup', 'status', id, '--wait', '--json'];
  const { code, stdout } = await shop.e2e.plura('carol', ...asked);
  return { code, report: RollupView.parse(JSON.parse(stdout)) };
}

it(`has ${COUNT} services on a base that was imported for them`, async () => {
  await shop.offer('1.0.1', [zone, hosts]);
  await shop.plura('carol', 'reg', 'base', 'import', 'static', '--wait');

  await timed('first releases', () =>
    inParallel(shop.services, AT_ONCE, async (svc) => {
      before.set(svc, await shop.release(svc));
      phase = `${before.size} released for the first time`;
    }),
  );

  expect(await serving()).toEqual(before);
});

it('plans to rebuild all of them in the waves of the policy once a newer base is out', async () => {
  await shop.offer('1.0.2', [hosts]);
  await shop.plura('carol', 'reg', 'base', 'import', 'static', '--wait');

  const { stdout } = await shop.plura('carol', 'reg', 'rollup', 'plan', '--json');

  const { tasks, waves } = RollupView.parse(JSON.parse(stdout));
  expect(waves.map(({ size }) => size)).toEqual(WAVES);
  expect(tasks.map(({ svc, state }) => [svc, state])).toEqual(
    shop.services.map((svc) => [svc, 'waiting']),
  );
});

it('renews all but what the newer base breaks, through kill -9 of the worker', async () => {
  const id = await run('a newer static');
  const name = `rollup with ${KILLED_AT.length} kill -9`;
  const { most, kills } = await timed(name, () => watch(id, KILLED_AT));

  const { code, report } = await ended(id);
  expect({ code, kills }).toEqual({ code: 8, kills: KILLED_AT.length });
  expect(report).toMatchObject({ outcome: 'done', stopped: null, wave: WAVES.length });
  const failed = report.tasks.filter(({ state }) => state === 'failed');
  expect(failed.map(({ svc }) => svc).sort()).toEqual([...shop.broken.keys()]);
  for (const { svc, reason } of failed) {
    expect(reason).toMatch(REASONS[shop.broken.get(svc) ?? 'does not start']);
  }
  const released = report.tasks.filter(({ state }) => state === 'released');
  expect(released).toHaveLength(COUNT - shop.broken.size);
  expect(report.tasks.every(({ attempt }) => attempt === 1)).toBe(true);
  expectWaves(report);
  expect(most).toBeLessThanOrEqual(AT_ONCE);
  await expectRenewed(report);
});

/** No rebuild of a wave began before the last one of the wave before it had ended. */
function expectWaves({ tasks, waves }: RollupView): void {
  expect(waves.map(({ size }) => size)).toEqual(WAVES);
  const timesOf = (wave: number, name: 'startedAt' | 'endedAt'): readonly string[] =>
    tasks.flatMap((task) => (task.wave === wave ? (task[name] ?? []) : [])).sort();
  for (const { number } of waves.slice(1)) {
    const [first = ''] = timesOf(number, 'startedAt');
    expect(first > (timesOf(number - 1, 'endedAt').at(-1) ?? '')).toBe(true);
  }
}

/** Channels, target and the record of bases say the same as the report. */
async function expectRenewed({ tasks }: RollupView): Promise<void> {
  const stable = new Map(
    tasks.map(({ svc, state, rebuilt, digest }) => [svc, state === 'released' ? rebuilt : digest]),
  );
  expect(await serving()).toEqual(stable);
  const { uses } = BaseUsage.parse(
    await shop.e2e.ask('/v1/registry/bases/usage?of=bases%2Fstatic&limit=1000'),
  );
  const now = uses.filter(({ stable: isStable }) => isStable);
  expect(new Map(now.map(({ svc, digest }) => [svc, digest]))).toEqual(stable);
  const onOlder = now.filter(({ standing }) => standing !== 'newest').map(({ svc }) => svc);
  expect(onOlder.sort()).toEqual([...shop.broken.keys()]);
  const pins = await inParallel(tasks, AT_ONCE, ({ svc }) => pinsOf(svc, stable.get(svc) ?? ''));
  expect(pins).toEqual(tasks.map(() => 1));
  for (const { svc, digest } of tasks) expect(before.get(svc)).toBe(digest);
}

it('holds the rest when a base is bad for the first wave', async () => {
  const stable = await serving();
  await shop.offer('1.0.3', []);
  const id = await run('a static that breaks everything');
  await timed('rollup that is held', () => watch(id, []));

  const { code, report } = await ended(id);
  expect(code).toBe(5);
  expect(report).toMatchObject({ outcome: 'held', stopped: 'condition', wave: 1 });
  const { held, failed } = countStates(report.tasks);
  expect(held + failed).toBe(COUNT);
  expect(failed).toBeGreaterThanOrEqual(2);
  expect(held).toBeGreaterThanOrEqual(COUNT - (WAVES[0] ?? 0));
  expect(await serving()).toEqual(stable);
});
