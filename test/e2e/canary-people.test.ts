import { VerdictList } from '../../src/contract/schema/api-verdict';
import { TurnaroundAnswer } from '../../src/contract/schema/api-turnaround';
import { FreezeCheck } from '../../src/contract/schema/api-freeze';
import { startCanaryStack, type CanaryStack } from '../support/canary-stack';
import { REVISION, poll, type CliRun } from '../support/e2e-stack';

jest.setTimeout(600_000);

let canary: CanaryStack;

beforeAll(async () => {
  canary = await startCanaryStack({
    samples: {
      services: [{ svc: 'shop' }, { svc: 'ship' }, { svc: 'post' }],
      // Bob wrote it, whatever he is called elsewhere.
      sources: { app: { labels: { 'plura.commit_author': 'Robert <Bob@example.com>' } } },
    },
    people: {
      alice: ['viewer', 'releaser'],
      bob: ['viewer', 'approver'],
      frank: ['viewer', 'approver'],
      // May ask, and may approve, but not both of one release.
      gina: ['viewer', 'releaser', 'approver'],
      carol: ['viewer', 'operator'],
      dave: ['viewer'],
      root: ['admin'],
    },
    policy: [
      ['window: 3s', 'window: 2s'],
      ['minRequests: 10', 'minRequests: 3'],
      ['required: false', 'required: true'],
      ['quorum: 1', 'quorum: 2'],
    ],
  });
});
afterAll(async () => {
  await canary.stop();
});

function plura(person: string, ...args: readonly string[]): Promise<CliRun> {
  return canary.e2e.plura(person, 'reg', ...args);
}

async function operate(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await plura('carol', ...args);
  if (code !== 0) throw new Error(`plura reg ${args.join(' ')}: exit ${code}: ${stderr}`);
}

/** By enough people who may, as soon as it takes approvals. */
async function approveAll(id: string): Promise<void> {
  await canary.waitForStep(id, 'approval');
  for (const person of ['frank', 'root']) {
    await poll(`${person}'s approval of ${id}`, async () => {
      const { code } = await plura(person, 'approve', id, '--reason', 'looked at it');
      return code === 0 || undefined;
    });
  }
}

/** Told as soon as it waits, a moment after the step has begun. */
function waitForReason(id: string, reason: RegExp): Promise<true> {
  return poll(`${reason.source} of ${id}`, async () => {
    const status = await canary.look(id);
    return reason.test(status?.reason ?? '') || undefined;
  });
}

async function release(svc: string, version: string): Promise<string> {
  const id = await canary.e2e.promote(svc, 'app', version);
  await approveAll(id);
  const { outcome, reason } = await canary.waitForEnd(id);
  if (outcome !== 'released') throw new Error(reason);
  return id;
}

describe('an approval', () => {
  const id = `shop/1.0.0_${REVISION}`;

  beforeAll(async () => {
    const origin = ['--source', 'app', '--version', '1.0.0', '--revision', REVISION];
    const { code, stderr } = await plura('gina', 'promote', 'shop', ...origin);
    if (code !== 0) throw new Error(stderr);
    await canary.waitForStep(id, 'approval');
    // Who wrote the commit is read first.
    await poll('authors', async () => {
      const { code: answer } = await plura('bob', 'approve', id);
      return answer === 6 || undefined;
    });
  });

  it.each([
    ['who asked for the release', 'gina', /asked for (?:this|the) release/],
    ['the author of the commit', 'bob', /Robert <Bob@example\.com> wrote the commit/],
    ['a viewer', 'dave', /./],
    ['a releaser', 'alice', /./],
    ['an operator', 'carol', /./],
  ])('of %s is refused', async (_who, person, why) => {
    const run = await plura(person, 'approve', id);

    expect(run.code).toBe(6);
    expect(run.stderr).toMatch(why);
    await expect(canary.look(id)).resolves.toMatchObject({ stage: 'approval', approvals: [] });
  });

  it('counts once a person; with the quorum the release goes on', async () => {
    const first = await plura('frank', 'approve', id, '--reason', 'dashboards are fine');
    const again = await plura('frank', 'approve', id);
    const waiting = await canary.look(id);
    const second = await plura('root', 'approve', id, '--reason', 'so are the logs');
    const end = await canary.waitForEnd(id);

    expect([first.code, again.code, second.code]).toEqual([0, 0, 0]);
    expect(first.stdout).toMatch(/1 more needed/);
    expect(waiting).toMatchObject({ stage: 'approval', approvals: [{ actor: 'frank' }] });
    expect(end.outcome).toBe('released');
    expect(end.approvals.map(({ actor }) => actor)).toEqual(['frank', 'root']);
  });

  it('is kept with its comment and with who the author is', async () => {
    const run = await plura('dave', 'verdict', 'show', id, '--gate', 'approval', '--json');

    const [verdict] = VerdictList.parse(JSON.parse(run.stdout)).verdicts;
    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: {
        approvals: [
          { actor: 'frank', comment: 'dashboards are fine', counts: true },
          { actor: 'root', comment: 'so are the logs', counts: true },
        ],
        authors: [{ who: 'Robert <Bob@example.com>' }],
      },
    });
  });
});

describe('a stopped line', () => {
  let id: string;
  let before: Readonly<Record<string, string | null>>;

  beforeAll(async () => {
    await release('ship', '1.0.0');
    await release('ship', '1.1.0');
    before = await canary.e2e.channels('ship');
    id = await canary.e2e.promote('ship', 'app', '1.2.0');
    await canary.waitForStep(id, 'observation');
    await operate('freeze', 'stop', '--reason', 'incident 4711');
    await approveAll(id);
  });

  it('holds a release before the pin and says why', async () => {
    await canary.waitForStep(id, 'freeze: prod pin');
    await waitForReason(id, /the line is stopped by carol: incident 4711/);
    const check = await plura('dave', 'freeze', 'check', 'ship', '--json');

    expect(check.code).toBe(3);
    expect(FreezeCheck.parse(JSON.parse(check.stdout)).edges).toContainEqual(
      expect.objectContaining({ env: 'prod', edge: 'pin', state: 'frozen', by: 'carol' }),
    );
    await expect(canary.e2e.channels('ship')).resolves.toMatchObject({
      'prod:stable': before['prod:stable'],
    });
  });

  it('lets go on when it is resumed', async () => {
    const held = await canary.look(id);

    await operate('freeze', 'resume', '--reason', 'incident 4711 is over');

    const end = await canary.waitForEnd(id);
    expect(held?.outcome).toBeUndefined();
    expect(end.outcome).toBe('released');
    await expect(canary.e2e.channels('ship')).resolves.toMatchObject({ 'prod:stable': end.digest });
  });

  it('keeps nobody from rolling back or aborting', async () => {
    const running = await canary.e2e.promote('post', 'app', '1.0.0');
    await canary.waitForStep(running, 'observation');
    await operate('freeze', 'stop', '--reason', 'incident 4712');

    await operate('rollback', 'ship', '--yes', '--reason', 'incident 4712');
    await operate('abort', running, '--yes', '--reason', 'incident 4712');

    await expect(canary.e2e.channels('ship')).resolves.toMatchObject({
      'prod:stable': before['prod:stable'],
    });
    await expect(canary.waitForEnd(running)).resolves.toMatchObject({ outcome: 'aborted' });
    await operate('freeze', 'resume', '--reason', 'incident 4712 is over');
    const check = await plura('dave', 'freeze', 'check', 'ship');
    expect(check.code).toBe(0);
  });
});

/** For longer than the pauses between two attempts. */
async function loseMetrics(): Promise<void> {
  const { stack } = canary.e2e;
  await stack.kill9('prometheus');
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await stack.startPart('prometheus');
}

describe('a freeze of the calendar', () => {
  it('holds prod’s traffic back until it ends, and the release goes on by itself', async () => {
    const id = await canary.e2e.promote('post', 'app', '1.1.0');
    await canary.waitForStep(id, 'canary 25 %');
    const now = Date.now();
    const untilMs = now + 30_000;
    const times = ['--from', toText(now - 60_000), '--to', toText(untilMs)];
    await operate(
      ...['freeze', 'add', 'evening', '--svc', 'post', '--env', 'prod'],
      ...[...times, '--reason', 'nobody on call'],
    );

    await canary.waitForStep(id, 'freeze: prod traffic');
    await waitForReason(id, /freeze evening by carol, until .*: nobody on call/);
    const placement = await canary.placement('post', 'prod');
    await canary.waitForStep(id, 'observation');
    await loseMetrics();
    await approveAll(id);
    const end = await canary.waitForEnd(id);

    expect(placement?.candidate ?? null).toBeNull();
    expect(end.outcome).toBe('released');
    const waited = end.steps.find(({ title }) => title === 'freeze: prod traffic');
    expect(Date.parse(waited!.endedAt!)).toBeGreaterThanOrEqual(Math.floor(untilMs / 1000) * 1000);
  });
});

/** As the calendar has it: to the second. */
function toText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

describe('turnaround', () => {
  it('says where the time of releases went, freezes, people and retries apart', async () => {
    const text = await plura('dave', 'turnaround', 'post');
    const { stdout } = await plura('dave', 'turnaround', '--json');

    const { services } = TurnaroundAnswer.parse(JSON.parse(stdout));
    const post = services.find(({ svc }) => svc === 'post')!;
    const shareOf = (name: string): number =>
      post.parts.find(({ part }) => part === name)?.share ?? 0;
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/post {2}1 released in 30 days, 1 ended otherwise/);
    expect(text.stdout).toMatch(/freeze\s+\S+.*\d+ %/);
    expect(services.map(({ svc }) => svc).sort()).toEqual(['post', 'ship', 'shop']);
    for (const part of ['build', 'scan', 'canary', 'observation', 'approval', 'freeze', 'retry']) {
      expect([part, shareOf(part) > 0]).toEqual([part, true]);
    }
    expect(post.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
    expect(post.total.p50Ms).toBeGreaterThan(0);
  });
});
