import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { resetState } from '../../src/local/stack/reset';
import { startStack, type Stack, type StackOptions } from '../../src/local/stack/start-stack';
import { readStackState, stackFile } from '../../src/local/stack/state';

jest.setTimeout(120_000);

let folder: string;
let stateDir: string;
const stacks: Stack[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-stack-'));
  stateDir = join(folder, 'state');
});

afterEach(async () => {
  for (const stack of stacks.splice(0)) {
    await stack.stop();
  }
  await resetState(stateDir).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

async function start(only: StackOptions['only']): Promise<Stack> {
  const environment = process.env;
  const stack = await startStack({
    stateDir,
    ports: 'free',
    environment,
    ...(only ? { only } : {}),
  });
  stacks.push(stack);
  return stack;
}

test('parts answer at the addresses of stack.json, and none is left after a stop', async () => {
  const stack = await start(['registry', 'schema']);
  const { registryBackend, database, pid } = readStackState(stateDir);
  const pids = [stack.pidOf('registry'), stack.pidOf('postgres')];

  const answer = await fetch(`${registryBackend}/v2/`);
  const client = new Client({ connectionString: database });
  await client.connect();
  const tables = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
  await client.end();
  await stack.stop();

  expect(answer.status).toBe(200);
  expect(tables.rowCount).toBeGreaterThan(0);
  expect(pid).toBe(process.pid);
  expect(pids.map((one) => existsSync(`/proc/${String(one)}`))).toEqual([false, false]);
  expect(existsSync(stackFile(stateDir))).toBe(false);
});

test('a second stack on the same folder is refused, and a reset too, until the first stops', async () => {
  const first = await start(['registry']);

  const second = start(['registry']);
  await expect(second).rejects.toThrow(`Another stack runs on ${stateDir}.`);
  await expect(resetState(stateDir)).rejects.toThrow(`A stack runs on ${stateDir}.`);
  await first.stop();

  expect(await resetState(stateDir)).toBe(true);
  expect(existsSync(stateDir)).toBe(false);
});

test('a killed part comes back with its data', async () => {
  const stack = await start(['registry']);
  const { registryBackend } = readStackState(stateDir);

  await stack.kill9('registry');
  const whileDown = await fetch(`${registryBackend}/v2/`).catch(() => undefined);
  await stack.startPart('registry');
  const afterwards = await fetch(`${registryBackend}/v2/`);

  expect(whileDown).toBeUndefined();
  expect(afterwards.status).toBe(200);
});

test('a folder that is no state folder is not deleted', async () => {
  await mkdir(stateDir);
  await writeFile(join(stateDir, 'thesis.txt'), 'precious');

  await expect(resetState(stateDir)).rejects.toThrow('is not a state folder');

  expect(existsSync(join(stateDir, 'thesis.txt'))).toBe(true);
  await rm(stateDir, { recursive: true });
});
