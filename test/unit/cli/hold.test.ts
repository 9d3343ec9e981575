import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedWormCopy } from '../../../src/ports/worm-copies';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { orderOf } from '../../support/worm-world';

const DIGEST = fakeDigest('checkout');
const IMAGE = `checkout@${DIGEST}`;
const ADD = ['add', IMAGE, '--reason', 'incident 4711', '--until', '2028-01-31'] as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

type Options = Parameters<typeof runPlura>[2];

const plura = (args: readonly string[], options: Options = {}): Promise<CliRun> =>
  runPlura(api, ['reg', 'hold', ...args], {
    as: 'erin',
    roles: ['viewer', 'security', 'operator'],
    ...options,
  });

async function seal(id: string): Promise<void> {
  const manifest = { key: `copies/${id}/manifest.json`, version: 'v1', digest: DIGEST };
  const lockUntil = '2028-01-31T23:59:59.000Z';
  await api.wormCopies.seal(id, { lockUntil, objects: 9, bytes: 3_500_000, manifest, at: NOW });
}

async function held(): Promise<RecordedWormCopy> {
  const order = orderOf(DIGEST, { lockUntil: '2028-01-31T23:59:59.000Z' });
  await api.wormCopies.begin(order);
  await seal(order.id);
  return (await api.wormCopies.list({ limit: 1 }))[0]!;
}

it('still holds the lane of a service that is named alone', async () => {
  const run = await plura(['checkout', '--reason', 'incident 4711']);

  expect(run).toMatchObject({ exit: 0, stdout: 'The lane of checkout is held\n' });
  expect(await plura(['lane', 'checkout', '--reason', 'again'])).toMatchObject({ exit: 0 });
});

it('starts a copy and says how to follow it', async () => {
  const { exit, stdout } = await plura(ADD);

  const [copy] = await api.wormCopies.list({ limit: 1 });
  expect(exit).toBe(0);
  expect(stdout).toContain(`plura reg hold show ${copy?.id ?? ''}`);
  expect(copy).toMatchObject({ digest: DIGEST, lockUntil: '2028-01-31T23:59:59.000Z' });
});

it('waits until it is held when told to', async () => {
  const onSleep = async (): Promise<void> => {
    await seal((await api.wormCopies.list({ limit: 1 }))[0]!.id);
  };

  const { exit, stdout } = await plura([...ADD, '--wait'], { onSleep });

  expect(exit).toBe(0);
  expect(stdout).toContain('held');
  expect(stdout).toContain('9, 3.3 MiB');
});

it('exits with 7 when it could not be made', async () => {
  const onSleep = async (): Promise<void> => {
    await api.wormCopies.giveUp((await api.wormCopies.list({ limit: 1 }))[0]!.id, 'no bucket');
  };

  const { exit, stdout } = await plura([...ADD, '--wait'], { onSleep });

  expect(exit).toBe(7);
  expect(stdout).toContain('no bucket');
});

it('asks before what nobody can undo', async () => {
  const questions: string[] = [];
  const confirm = (question: string): Promise<boolean> => {
    questions.push(question);
    return Promise.resolve(false);
  };

  const run = await plura(ADD, { over: { confirm } });

  expect(run.exit).toBe(2);
  expect(questions).toEqual([expect.stringContaining('Nobody can undo it')]);
  expect(await api.wormCopies.list({ limit: 1 })).toEqual([]);
});

it('lists and shows copies', async () => {
  const { id } = await held();

  expect((await plura(['list'])).stdout).toContain(`${id}  held`);
  expect((await plura(['show', id])).stdout).toContain('until 2028-01-31T23:59:59.000Z');
  expect(JSON.parse((await plura(['list', '--digest', DIGEST, '--json'])).stdout)).toMatchObject({
    copies: [{ id }],
  });
});

it.each([
  ['whole', [], 0],
  ['damaged', ['blobs/sha256/aa: it is gone'], 8],
])('verify tells by its exit code that a copy is %s', async (_what, problems, exit) => {
  const { id } = await held();
  const onSleep = (): Promise<void> =>
    api.wormCopies.verified(id, '2026-03-02T00:00:00.000Z', problems);

  const run = await plura(['verify', id], { onSleep });

  expect(run.exit).toBe(exit);
  for (const problem of problems) expect(run.stdout).toContain(problem);
});

it('extends and restores', async () => {
  const { id } = await held();

  const longer = await plura(['extend', id, '--until', '2030-01-01', '--yes']);
  const back = await plura(['restore', id, '--to', 'apps/checkout/again', '--tags']);

  expect([longer.exit, back.exit]).toEqual([0, 0]);
  expect(api.orchestrator.wormRun.map(({ verb }) => verb)).toEqual(['extend', 'restore']);
});

describe('export', () => {
  let cwd: string;

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'plura-export-'));
  });

  afterEach(() => rm(cwd, { recursive: true, force: true }));

  it('saves what comes', async () => {
    const fetch = (): Promise<Response> => Promise.resolve(new Response('a tar'));

    const run = await plura(['export', 'copy-1'], { over: { cwd, fetch } });

    expect(run.exit).toBe(0);
    expect(await readFile(join(cwd, 'incident-copy-1.tar'), 'utf8')).toBe('a tar');
  });

  it('leaves nothing when it breaks off', async () => {
    const body = new ReadableStream({
      pull: (controller) => {
        controller.error(new Error('it hung up'));
      },
    });
    const fetch = (): Promise<Response> => Promise.resolve(new Response(body));

    const run = await plura(['export', 'copy-1', '--output', 'a.tar'], { over: { cwd, fetch } });

    expect(run.exit).toBe(7);
    await expect(stat(join(cwd, 'a.tar'))).rejects.toThrow();
    await expect(stat(join(cwd, 'a.tar.partial'))).rejects.toThrow();
  });

  it('leaves alone what is in its way', async () => {
    await writeFile(join(cwd, 'a.tar.partial'), 'of another export');
    const fetch = (): Promise<Response> => Promise.resolve(new Response('a tar'));

    const run = await plura(['export', 'copy-1', '--output', 'a.tar'], { over: { cwd, fetch } });

    expect(run.exit).toBe(2);
    expect(await readFile(join(cwd, 'a.tar.partial'), 'utf8')).toBe('of another export');
  });
});

it.each([
  ['no end', ['add', IMAGE, '--reason', 'x'], 2],
  ['an end that is none', ['add', IMAGE, '--reason', 'x', '--until', 'soon'], 2],
  ['a copy that is none', ['show', 'nobody'], 4],
])('exits with what it is, %s', async (_what, args, exit) => {
  expect((await plura(args)).exit).toBe(exit);
});
