import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SetupError } from '../../src/local/process/setup-error';
import { toolDir } from '../../src/local/toolchain/cache';
import type { Tool } from '../../src/local/toolchain/catalogue';
import { buildOnce, type ToolchainOptions } from '../../src/local/toolchain/ensure-tools';
import type { ToolEvent } from '../../src/local/toolchain/progress';

jest.setTimeout(180_000);

/** Small, and from the module that Go's own documentation uses as the example. */
const HELLO: Tool = {
  version: 'v0.0.0-20250915201037-7f05d217867b',
  purpose: 'says hello',
  binaries: { hello: 'golang.org/x/example/hello' },
};

let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'plura-toolchain-'));
});

afterEach(async () => {
  await rm(cacheDir, { recursive: true, force: true });
});

function optionsWith(events: ToolEvent[] = [], signal?: AbortSignal): ToolchainOptions {
  return {
    cacheDir,
    environment: process.env,
    signal: signal ?? new AbortController().signal,
    onEvent: (event) => events.push(event),
  };
}

test('a missing tool is built into the cache and runs; the next call finds it', async () => {
  const events: ToolEvent[] = [];

  const built = await buildOnce('hello', HELLO, optionsWith(events));
  const again = await buildOnce('hello', HELLO, optionsWith(events));

  const { stdout } = await promisify(execFile)(built['hello'] ?? '', []);
  expect(stdout).toMatch(/hello/i);
  expect(again).toEqual(built);
  expect(events.map((event) => event.state)).toEqual(['building']);
});

test('of two builds at one path the second waits and then builds nothing', async () => {
  const events: ToolEvent[] = [];

  const [first, second] = await Promise.all([
    buildOnce('hello', HELLO, optionsWith(events)),
    buildOnce('hello', HELLO, optionsWith(events)),
  ]);

  expect(second).toEqual(first);
  expect(events.map((event) => event.state).sort()).toEqual(['building', 'waiting']);
});

test('an aborted build leaves no binary behind', async () => {
  const abort = new AbortController();
  const options = optionsWith([], abort.signal);
  const building = buildOnce('hello', HELLO, {
    ...options,
    onEvent: () => {
      abort.abort();
    },
  });

  await expect(building).rejects.toThrow();

  expect(existsSync(join(toolDir(cacheDir, 'hello', HELLO.version), 'hello'))).toBe(false);
});

test('a build that was killed is taken up again, and its remains are cleared', async () => {
  const folder = toolDir(cacheDir, 'hello', HELLO.version);
  const hook = join(__dirname, '..', 'support', 'typescript-hook.cjs');
  const subject = join(__dirname, '..', '..', 'src', 'local', 'toolchain', 'ensure-tools.ts');
  const options =
    '{ cacheDir: process.argv[2], environment: process.env, signal: new AbortController().signal }';
  const code = `require(process.argv[1]).buildOnce('hello', JSON.parse(process.argv[3]), ${options})`;
  const args = ['--require', hook, '-e', code, subject, cacheDir, JSON.stringify(HELLO)];
  const builder = spawn(process.execPath, args, { stdio: 'ignore' });
  while (!existsSync(folder) || !readdirSync(folder).some((name) => name.startsWith('.build-'))) {
    await sleep(10);
  }
  builder.kill('SIGKILL');
  await once(builder, 'exit');
  const left = readdirSync(folder);

  const built = await buildOnce('hello', HELLO, optionsWith());

  expect(left).not.toContain('hello');
  expect(existsSync(built['hello'] ?? '')).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['build.log', 'hello']);
});

test('a build that fails shows the last log lines, says what to do and keeps the log', async () => {
  const broken: Tool = { ...HELLO, binaries: { hello: 'golang.org/x/example/no/such/package' } };

  const failure = await buildOnce('hello', broken, optionsWith()).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(SetupError);
  const { message, remedy, log } = failure as SetupError;
  expect(message).toContain('hello could not be made');
  expect(remedy).toContain('GOPROXY');
  expect(log).toContain('no/such/package');
  const folder = toolDir(cacheDir, 'hello', HELLO.version);
  expect(readFileSync(join(folder, 'build.log'), 'utf8')).toContain('no/such/package');
  expect(readdirSync(folder)).toEqual(['build.log']);
});
