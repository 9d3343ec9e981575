import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Digest } from '../../../src/domain/digest';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, LABELS, NOW, releaseStatus } from '../../support/api-fixtures';
import { runPlura } from '../../support/cli-run';
import { startedBy } from '../../support/fakes/orchestrator';

const STABLE = { env: 'prod', tag: 'stable' } as const;
const REPO = 'apps/checkout/checkout';
const CAROL = { as: 'carol', roles: ['viewer', 'operator'] } as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

/** Two digests that were prod:stable, the second one now. */
async function arrangeTwoPins(): Promise<{ readonly old: Digest; readonly now: Digest }> {
  const old = api.registry.pushImage({ repository: REPO, labels: LABELS });
  const now = fakeDigest('now');
  await api.pin('checkout', STABLE, old);
  await api.pin('checkout', STABLE, now);
  api.orchestrator.endRollbacksWith({
    svc: 'checkout',
    from: now,
    to: old,
    reason: 'errors',
    durationMs: 420,
    preempted: null,
    held: true,
  });
  return { old, now };
}

describe('plura reg rollback', () => {
  const args = ['reg', 'rollback', 'checkout', '--reason', 'errors'];

  it('plans from what is stable now, even where there is nothing to go back to', async () => {
    const only = fakeDigest('only');
    await api.pin('checkout', STABLE, only);

    const { exit, stdout } = await runPlura(api, [...args, '--plan'], CAROL);

    expect(exit).toBe(3);
    expect(stdout).toContain(`prod:stable ${only.slice(7, 19)} to -`);
    expect(stdout).toContain('plura reg resume checkout');
  });

  it('waits for the end and says what is stable now', async () => {
    const { old } = await arrangeTwoPins();

    const { exit, stdout } = await runPlura(api, args, CAROL);

    expect(exit).toBe(0);
    expect(stdout).toContain(`prod:stable is ${old} again, after 420 ms`);
    expect(stdout).toContain('plura reg resume checkout');
  });

  it('shows the plan and asks first in a terminal', async () => {
    await arrangeTwoPins();
    const asked: string[] = [];
    const confirm = (question: string): Promise<boolean> => {
      asked.push(question);
      return Promise.resolve(false);
    };

    const { exit, stderr } = await runPlura(api, args, { ...CAROL, over: { confirm } });

    expect(asked).toEqual(['Roll back now?']);
    expect(stderr).toContain('roll back checkout');
    expect(exit).toBe(2);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('does not ask with --yes', async () => {
    await arrangeTwoPins();
    const confirm = (): Promise<boolean> => Promise.reject(new Error('asked'));

    const { exit } = await runPlura(api, [...args, '--yes'], { ...CAROL, over: { confirm } });

    expect(exit).toBe(0);
  });

  it('plans without an effect', async () => {
    const { old, now } = await arrangeTwoPins();

    const { exit, stdout } = await runPlura(api, [...args, '--plan', '--json'], CAROL);

    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ from: now, to: old, possible: true });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('exits with 4 where there is nothing to go back to', async () => {
    expect(await runPlura(api, args, CAROL)).toMatchObject({ exit: 4 });
  });
});

describe('plura reg status, list, history', () => {
  it('shows a release with steps, verdicts that held it, and the Web UI', async () => {
    const verdict = { gate: 'canary', subject: '5%', outcome: 'fail', evidence: null } as const;
    const verdicts = [{ ...verdict, reasons: ['errors 40 % over 1 %'] }];
    await api.ledger.saveStatus(releaseStatus({ verdicts }), 'run', 1);

    const { stdout } = await runPlura(api, ['reg', 'status', 'checkout/1.4.0+abc1234']);

    expect(stdout).toContain('checkout/1.4.0+abc1234  canary  30.0 s');
    expect(stdout).toContain('✓ build');
    expect(stdout).toContain('fail         canary 5%: errors 40 % over 1 %');
    expect(stdout).toContain('http://temporal.test/');
  });

  it('shows a service with channels, lane and bad digests', async () => {
    const { now } = await arrangeTwoPins();
    const hold = { by: 'carol', reason: 'incident', at: NOW };
    const running = { releaseId: 'checkout/1.5.0_abc1234', requestedBy: 'rita', requestedAt: NOW };
    const lane = { svc: 'checkout', epoch: 3, running, queued: [], rollbackRunning: false };
    api.orchestrator.lanes.set('checkout', { ...lane, hold });
    const bad = { digest: now, svc: 'checkout', reason: 'errors', at: NOW, actor: 'carol' };
    await api.ledger.markBad(bad);

    const { stdout } = await runPlura(api, ['reg', 'status', 'checkout']);

    expect(stdout).toContain(`prod:stable  ${now}`);
    expect(stdout).toContain('lane   runs checkout/1.5.0+abc1234');
    expect(stdout).toContain('hold   by carol');
    expect(stdout).toContain(`bad    ${now}: errors`);
  });

  it('shows what waits in the lane and is no workflow yet', async () => {
    const entry = { releaseId: 'checkout/1.5.0_abc1234', requestedBy: 'rita', requestedAt: NOW };
    const lane = { svc: 'checkout', epoch: 3, running: entry, hold: null, rollbackRunning: false };
    const queued = [{ ...entry, releaseId: 'checkout/1.6.0_abc1234' }];
    api.orchestrator.lanes.set('checkout', { ...lane, queued });

    const { stdout } = await runPlura(api, ['reg', 'status', 'checkout/1.6.0_abc1234']);

    expect(stdout).toContain('queued');
    expect(stdout).toContain('place 2 in the lane');
  });

  it('lists releases as a table', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    const { stdout } = await runPlura(api, ['reg', 'list', '--svc', 'checkout']);

    const [head, row] = stdout.split('\n');
    expect(head?.split(/ {2,}/)).toEqual(['RELEASE', 'STATE', 'DIGEST', 'BY', 'AT']);
    expect(row?.split(/ {2,}/)).toEqual(['checkout/1.4.0+abc1234', 'canary', '-', 'rita', NOW]);
  });

  it('lists the moves of channels, newest first', async () => {
    const { old, now } = await arrangeTwoPins();

    const { stdout } = await runPlura(api, ['reg', 'history', 'checkout', '--json']);

    const { history } = JSON.parse(stdout) as { history: { from: string; to: string }[] };
    expect(history.map((one) => one.to)).toEqual([now, old]);
  });

  it('exits with 4 for a release that is not there', async () => {
    expect(await runPlura(api, ['reg', 'status', 'checkout/9.9.9_abc1234'])).toMatchObject({
      exit: 4,
    });
  });

  it('exits with 2 for a name that is none', async () => {
    expect(await runPlura(api, ['reg', 'status', 'a/b/c'])).toMatchObject({ exit: 2 });
  });
});

describe('plura reg approve, abort, token, hold, resume', () => {
  const release = 'checkout/1.4.0_abc1234';

  it('approves', async () => {
    await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);
    const bob = { as: 'bob', roles: ['viewer', 'approver'] } as const;

    const { exit, stdout } = await runPlura(api, ['reg', 'approve', release], bob);

    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'approved\n' });
  });

  it('asks before it aborts, in a terminal', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);
    const over = { confirm: () => Promise.resolve(false) };

    const { exit } = await runPlura(api, ['reg', 'abort', release, '--reason', 'x'], { over });

    expect(exit).toBe(2);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('aborts without asking where nobody can answer', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    const { exit } = await runPlura(api, ['reg', 'abort', release, '--reason', 'x']);

    expect(exit).toBe(0);
    expect(startedBy(api.orchestrator)).toEqual(['abort']);
  });

  it('exits with 5 for a release that has ended', async () => {
    await api.ledger.saveStatus(releaseStatus({ outcome: 'released' }), 'run', 1);

    const { exit, stderr } = await runPlura(api, ['reg', 'abort', release, '--reason', 'x']);

    expect(exit).toBe(5);
    expect(stderr).toContain('ALREADY_ENDED');
  });

  it('makes a token with what to paste where', async () => {
    await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);
    const bob = { as: 'bob', roles: ['viewer', 'approver'] } as const;

    const { stdout } = await runPlura(api, ['reg', 'token', 'approve', release], bob);

    expect(stdout).toContain('signal  approve');
    expect(stdout).toMatch(/input {3}\{"token":"[\w-]+\.[\w-]+"\}/);
  });

  it('holds and resumes the lane', async () => {
    const reason = ['--reason', 'incident'];

    const held = await runPlura(api, ['reg', 'hold', 'checkout', ...reason], CAROL);
    const open = await runPlura(api, ['reg', 'resume', 'checkout', ...reason], CAROL);

    expect(held.stdout).toBe('The lane of checkout is held\n');
    expect(open.stdout).toBe('The lane of checkout is open\n');
    expect(startedBy(api.orchestrator)).toEqual(['holdLane', 'resumeLane']);
  });

  it('unblocks a digest', async () => {
    const digest = fakeDigest('bad');
    await api.ledger.markBad({ digest, svc: 'checkout', reason: 'x', at: NOW, actor: 'system' });
    const args = ['reg', 'unblock', 'checkout', digest, '--reason', 'flaky test'];

    const first = await runPlura(api, args, CAROL);
    const second = await runPlura(api, args, CAROL);

    expect(first.stdout).toBe(`${digest} may be promoted again\n`);
    expect(second.stdout).toBe(`${digest} was not blocked\n`);
  });
});

describe('plura login', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plura-cli-'));
    await writeFile(
      path.join(folder, 'stack.json'),
      JSON.stringify({ api: 'http://api.test', issuer: 'http://issuer.test' }),
    );
    await writeFile(path.join(folder, 'issuer-secret'), 's3cret\n');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('keeps server and token for the next command, for its owner only', async () => {
    const configFile = path.join(folder, 'config', 'session.json');
    const settings = { server: undefined, token: undefined, configFile, stateDir: folder };
    const sent: RequestInit[] = [];
    const access_token = await api.token('carol', ['operator']);
    const issuer = (_url: string, init: RequestInit): Promise<Response> => {
      sent.push(init);
      return Promise.resolve(Response.json({ access_token, token_type: 'Bearer' }));
    };

    const login = await runPlura(api, ['login', '--local', '--as', 'carol'], {
      over: { settings, fetch: issuer },
    });
    const whoami = await runPlura(api, ['whoami'], { over: { settings } });
    const { mode } = await stat(configFile);
    const file = await readFile(configFile, 'utf8');
    await runPlura(api, ['logout'], { over: { settings } });
    const after = await runPlura(api, ['whoami'], { over: { settings } });

    expect(login.stdout).toBe('Logged in to http://api.test as carol\n');
    expect(sent[0]?.body).toBe('{"subject":"carol"}');
    expect(sent[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret' });
    expect(whoami.stdout).toBe('carol: operator\n');
    expect(mode & 0o777).toBe(0o600);
    expect(JSON.parse(file)).toMatchObject({ subject: 'carol', server: 'http://api.test' });
    expect(after).toMatchObject({ exit: 6 });
  });

  it('says what to do when no stack runs', async () => {
    const { exit, stderr } = await runPlura(api, ['login', '--local']);

    expect(exit).toBe(7);
    expect(stderr).toContain('npm start');
  });
});

describe('wrong usage', () => {
  it.each([
    [['reg', 'promote'], 'See: plura reg promote --help'],
    [['reg', 'promot'], 'Did you mean promote?'],
    [['reg', 'hold', 'checkout'], 'See: plura reg hold lane --help'],
    [['reg', 'list', '--limit', 'abc'], 'It takes a whole number from 1 up.'],
    [['reg', 'history', 'checkout', '--limit', '-1'], 'It takes a whole number from 1 up.'],
  ])('%j ends with 2 and says where to look', async (args, help) => {
    const { exit, stdout, stderr } = await runPlura(api, args);

    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(help);
  });
});
