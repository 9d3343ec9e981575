import { createServer, type Server } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type ProcessSpec } from '../../src/local/process/child';
import { isAlive } from '../../src/local/process/identity';
import { assertPortsFree, freePorts } from '../../src/local/process/ports';
import { httpProbe, waitReady } from '../../src/local/process/readiness';
import { endLeftovers, writeRecords } from '../../src/local/process/records';
import { SetupError } from '../../src/local/process/setup-error';
import { Supervisor } from '../../src/local/stack/supervisor';

jest.setTimeout(60_000);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-processes-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function nodeSpec(script: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return { command: process.execPath, args: ['-e', script], env: {}, ...more };
}

const FOREVER = 'setInterval(() => {}, 1000);';
const serving = (port: number): string =>
  `require('node:http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1');`;

test('a part is ready when it answers, is remembered while it runs and gone when stopped', async () => {
  const [port = 0] = await freePorts(1);
  const supervisor = new Supervisor(folder, () => undefined);

  await supervisor.start('web', nodeSpec(serving(port)), httpProbe(`http://127.0.0.1:${port}/`));
  const pid = supervisor.pidOf('web');
  const recorded = readFileSync(join(folder, 'pids.json'), 'utf8');
  await supervisor.stop('web');

  expect(recorded).toContain(`"pid":${String(pid)}`);
  expect(readFileSync(join(folder, 'pids.json'), 'utf8')).toBe('[]');
  expect(existsSync(`/proc/${String(pid)}`)).toBe(false);
  await expect(assertPortsFree([{ part: 'web', port }])).resolves.toBeUndefined();
});

test('a part that ends before it is ready is reported with its last words and where to look', async () => {
  const supervisor = new Supervisor(folder, () => undefined);
  const spec = nodeSpec('console.error("no config file"); process.exit(3);');

  const starting = supervisor.start('web', spec, () => Promise.resolve(false));

  const failure = await starting.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SetupError);
  const { message, remedy, log } = failure as SetupError;
  expect(message).toBe('web ended (exit code 3) before it was ready.');
  expect(log).toContain('no config file');
  expect(remedy).toContain(join(folder, 'logs', 'web.log'));
});

test('a part that does not answer in time is reported', async () => {
  const child = await startChild(nodeSpec(FOREVER), join(folder, 'web.log'));

  const waiting = waitReady('web', child, () => Promise.resolve(false), 200);

  await expect(waiting).rejects.toThrow('web did not answer within 0.2 s.');
  await child.stop();
});

test('a command that is not there fails at once', async () => {
  const supervisor = new Supervisor(folder, () => undefined);
  const spec = { command: join(folder, 'nothing'), args: [], env: {} };

  await expect(supervisor.start('web', spec, () => Promise.resolve(false))).rejects.toThrow();
});

test('one that ignores the request to stop is killed after its grace, its children with it', async () => {
  const grandchild = join(folder, 'grandchild');
  const script = `process.on('SIGTERM', () => {});
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]);
    require('node:fs').writeFileSync(${JSON.stringify(grandchild)}, String(child.pid)); ${FOREVER}`;
  const child = await startChild(nodeSpec(script, { graceMs: 200 }), join(folder, 'log'));
  while (!existsSync(grandchild) || readFileSync(grandchild, 'utf8') === '') {
    await sleep(10);
  }

  await child.stop();

  const pid = readFileSync(grandchild, 'utf8');
  expect((await child.exited).signal).toBe('SIGKILL');
  while (
    existsSync(`/proc/${pid}`) &&
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z'
  ) {
    await sleep(10);
  }
});

test('an unexpected end is told; an asked one is not', async () => {
  const ended: string[] = [];
  const supervisor = new Supervisor(folder, (name, how) => ended.push(`${name}: ${how}`));
  const atOnce = (): Promise<boolean> => Promise.resolve(true);
  await supervisor.start('crashing', nodeSpec('setTimeout(() => process.exit(7), 300)'), atOnce);
  await supervisor.start('killed', nodeSpec(FOREVER), atOnce);
  await supervisor.start('stopped', nodeSpec(FOREVER), atOnce);

  await supervisor.kill9('killed');
  await supervisor.stop('stopped');
  while (ended.length === 0) {
    await sleep(10);
  }

  expect(ended).toEqual(['crashing: exit code 7']);
});

test('what a killed stack left is ended, and nothing else', async () => {
  const left = await startChild(nodeSpec(FOREVER), join(folder, 'left.log'));
  const other = await startChild(nodeSpec(FOREVER), join(folder, 'other.log'));
  await writeRecords(folder, [
    { name: 'left', ...left.identity },
    // Its number is another process now.
    { name: 'gone', pid: other.identity.pid, startTime: '1' },
  ]);

  const ended = await endLeftovers(folder);

  expect(ended).toEqual(['left']);
  expect(isAlive(left.identity)).toBe(false);
  expect(isAlive(other.identity)).toBe(true);
  await other.stop();
});

test('parts do not outlive a supervisor that is killed', async () => {
  const hook = join(__dirname, '..', 'support', 'typescript-hook.cjs');
  const subject = join(__dirname, '..', '..', 'src', 'local', 'process', 'child.ts');
  const spec = JSON.stringify(nodeSpec(FOREVER));
  const code = `require(process.argv[1]).startChild(${spec}, process.argv[2]).then((child) => {
    console.log(JSON.stringify(child.identity)); ${FOREVER} });`;
  const args = ['--require', hook, '-e', code, subject, join(folder, 'log')];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const identity = JSON.parse(line.toString()) as { pid: number; startTime: string };
  const before = isAlive(identity);

  parent.kill('SIGKILL');
  await once(parent, 'exit');

  expect(before).toBe(true);
  while (isAlive(identity)) {
    await sleep(10);
  }
});

describe('a port that is taken', () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  test('is named with its part and the remedy', async () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const failure = await assertPortsFree([{ part: 'registry', port }]).catch((e: unknown) => e);

    expect(failure).toBeInstanceOf(SetupError);
    expect((failure as SetupError).message).toBe(`Port ${port}, needed by registry, is in use.`);
    expect((failure as SetupError).remedy).toContain('PLURA_PORT_OFFSET');
  });
});
