import { Client, Connection } from '@temporalio/client';
import { DecisionTokenAnswer } from '../../src/contract/schema/api-release';
import { REVISION, poll, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(600_000);

let e2e: E2eStack;
let connection: Connection;

beforeAll(async () => {
  e2e = await startE2eStack({
    policy: [['required: false', 'required: true']],
  });
  connection = await Connection.connect({ address: e2e.addresses.temporal });
});
afterAll(async () => {
  await connection.close();
  await e2e.stop();
});

/** As a person does in Temporal Web UI. */
async function signal(id: string, name: 'approve' | 'abort', token: string): Promise<void> {
  await new Client({ connection }).workflow.getHandle(`release/${id}`).signal(name, { token });
}

async function mintToken(person: string, action: 'approve' | 'abort', id: string): Promise<string> {
  const { stdout } = await e2e.plura(person, 'reg', 'token', action, id, '--json');
  return DecisionTokenAnswer.parse(JSON.parse(stdout)).token;
}

describe('a policy that asks for an approval', () => {
  let id: string;

  it('refuses an approval before its time, and one by the requester or a viewer', async () => {
    id = await e2e.promote('payments', 'payments', '1.0.0');

    await e2e.waitForStage(id, 'canary');
    const early = await e2e.plura('bob', 'reg', 'approve', id);
    await e2e.waitForStage(id, 'approval');
    const viewer = await e2e.plura('dave', 'reg', 'approve', id);
    const requester = await e2e.plura('alice', 'reg', 'approve', id);

    expect([early.code, viewer.code, requester.code]).toEqual([5, 6, 6]);
    await expect(e2e.release(id)).resolves.toMatchObject({ approvals: [] });
  });

  it('goes on after the approval; a second and a late one are answered and harm nothing', async () => {
    const first = await e2e.plura('bob', 'reg', 'approve', id, '--reason', 'looks good');
    const end = await e2e.waitForEnd(id);
    const late = await e2e.plura('bob', 'reg', 'approve', id);
    const abort = await e2e.plura('carol', 'reg', 'abort', id, '--yes', '--reason', 'too late');

    expect(first.code).toBe(0);
    expect(end).toMatchObject({ outcome: 'released' });
    expect(end.approvals).toMatchObject([{ actor: 'bob', via: 'api' }]);
    expect([late.code, abort.code]).toEqual([5, 5]);
    expect(late.stderr).toMatch(/ended/i);
    await expect(e2e.channels('payments')).resolves.toMatchObject({ 'prod:stable': end.digest });
  });
});

describe('decisions from Temporal Web UI', () => {
  it('approves by a signal with a token, and only once; a forged token does nothing', async () => {
    const id = await e2e.promote('payments', 'payments', '1.1.0');
    await e2e.waitForStage(id, 'approval');

    await signal(id, 'approve', 'forged.token');
    await signal(id, 'approve', await mintToken('bob', 'approve', id));

    const end = await e2e.waitForEnd(id);
    expect(end).toMatchObject({ outcome: 'released' });
    expect(end.approvals).toMatchObject([{ actor: 'bob', via: 'signal' }]);
  });

  it('aborts by a signal; everything is taken back', async () => {
    const before = await e2e.channels('payments');
    const id = await e2e.promote('payments', 'payments', '1.2.0');
    await e2e.waitForStage(id, 'approval');

    await signal(id, 'abort', await mintToken('carol', 'abort', id));

    await expect(e2e.waitForEnd(id)).resolves.toMatchObject({ outcome: 'aborted' });
    await expect(e2e.channels('payments')).resolves.toEqual(before);
  });
});

describe('abort', () => {
  async function abortAt(stage: 'build' | 'canary' | 'observation'): Promise<void> {
    const before = await e2e.channels('payments');
    const id = await e2e.promote('payments', 'payments', `2.${stage.length}.0`);
    await e2e.waitForStage(id, stage);

    const once = await e2e.plura('carol', 'reg', 'abort', id, '--yes', '--reason', 'e2e');
    const twice = await e2e.plura('carol', 'reg', 'abort', id, '--yes', '--reason', 'e2e');

    expect(once.code).toBe(0);
    expect([0, 5]).toContain(twice.code);
    await expect(e2e.waitForEnd(id)).resolves.toMatchObject({ outcome: 'aborted' });
    await expect(e2e.channels('payments')).resolves.toEqual(before);
  }

  it.each(['canary', 'observation'] as const)('at %s takes everything back', abortAt);

  it('at build ends it, though the builder does not answer', async () => {
    const buildkit = e2e.stack.pidOf('buildkitd')!;
    process.kill(buildkit, 'SIGSTOP');
    try {
      await abortAt('build');
    } finally {
      process.kill(buildkit, 'SIGCONT');
    }
  });

  it('ends a release that still waits in the lane, and the one before it goes on', async () => {
    const running = await e2e.promote('payments', 'payments', '3.0.0');
    const waiting = await e2e.promote('payments', 'payments', '3.1.0');

    const abort = await e2e.plura('carol', 'reg', 'abort', waiting, '--yes', '--reason', 'e2e');

    expect(abort.code).toBe(0);
    await expect(e2e.waitForEnd(waiting)).resolves.toMatchObject({ outcome: 'aborted' });
    await e2e.waitForStage(running, 'approval');
    await e2e.plura('bob', 'reg', 'approve', running);
    await expect(e2e.waitForEnd(running)).resolves.toMatchObject({ outcome: 'released' });
  });
});

it('refuses what does not fit the lane any more, with exit code 5', async () => {
  const ids = ['4.0.0', '4.1.0', '4.2.0'];
  const accepted: string[] = [];
  for (const version of ids) accepted.push(await e2e.promote('payments', 'payments', version));
  const args = ['--source', 'payments', '--version', '4.3.0', '--revision', REVISION, '--json'];

  const full = await e2e.plura('alice', 'reg', 'promote', 'payments', ...args);

  expect(full.code).toBe(5);
  expect(JSON.parse(full.stderr)).toMatchObject({ code: 'LANE_FULL' });
  for (const id of accepted.reverse()) {
    await e2e.plura('carol', 'reg', 'abort', id, '--yes', '--reason', 'e2e');
  }
  await poll('an empty lane', async () => {
    const { lane } = await e2e.service('payments');
    return lane?.running === null && lane.queued.length === 0 ? true : undefined;
  });
});
