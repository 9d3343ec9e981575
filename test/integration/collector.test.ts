import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCommandCollector } from '../../src/adapters/collector/command-collector';
import { runSupervised } from '../../src/adapters/collector/run-supervised';

jest.setTimeout(30_000);

let folder: string;
let pidFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-collector-'));
  pidFile = join(folder, 'pid');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Says who it is, and works for a minute with a child of its own. */
const slow = (): readonly string[] => [
  'sh',
  '-c',
  `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; sleep 60 & wait`,
];

async function started(): Promise<number> {
  for (let tries = 0; tries < 400 && !existsSync(pidFile); tries += 1) await sleep(25);
  return Number(await readFile(pidFile, 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (!isAlive(pid)) return true;
    await sleep(25);
  }
  return false;
}

const RUN = {
  env: { PATH: process.env['PATH'] },
  deadlineMs: 60_000,
  onLine: (): void => undefined,
};

describe('a collector under its supervisor', () => {
  it('ends at its deadline, with all that it started', async () => {
    const signal = new AbortController().signal;
    const ending = runSupervised({ ...RUN, command: slow(), deadlineMs: 1500, signal });
    const pid = await started();

    expect(await ending).toMatchObject({ code: null });
    expect(await isGone(pid)).toBe(true);
  });

  it('ends with the signal', async () => {
    const abort = new AbortController();
    const ending = runSupervised({ ...RUN, command: slow(), signal: abort.signal });
    const pid = await started();

    abort.abort();

    expect(await ending).toMatchObject({ code: null });
    expect(await isGone(pid)).toBe(true);
  });

  it('ends when who started it is killed', async () => {
    const module = join(__dirname, '../../src/adapters/collector/run-supervised.ts');
    const script = join(folder, 'worker.cjs');
    const input = { command: slow(), env: RUN.env, deadlineMs: 60_000 };
    await writeFile(
      script,
      `require(${JSON.stringify(module)}).runSupervised({
         ...${JSON.stringify(input)}, signal: new AbortController().signal, onLine: () => {} });`,
    );
    const hook = join(__dirname, '../support/typescript-hook.cjs');
    const worker = spawn(process.execPath, ['--require', hook, script], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const pid = await started();

    worker.kill('SIGKILL');
    await once(worker, 'exit');

    expect(await isGone(pid)).toBe(true);
  });

  it('ends when its supervisor is killed', async () => {
    const signal = new AbortController().signal;
    const ending = runSupervised({ ...RUN, command: slow(), signal });
    const pid = await started();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const supervisor = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);

    process.kill(supervisor, 'SIGKILL');

    await ending;
    expect(await isGone(pid)).toBe(true);
  });
});

describe('a collector that is a command', () => {
  const run = (
    command: readonly string[],
  ): ReturnType<ReturnType<typeof createCommandCollector>['collect']> =>
    createCommandCollector({ command }).collect({
      deadlineMs: 10_000,
      signal: new AbortController().signal,
      note: () => undefined,
    });

  it('counts the blobs that it says it deletes', async () => {
    const says =
      'marking\\nblob eligible for deletion: sha256:a\\nblob eligible for deletion: b\\n';

    expect(await run(['printf', says])).toEqual({ blobs: 2 });
  });

  it('tells how it failed', async () => {
    await expect(run(['sh', '-c', 'echo no such storage >&2; exit 3'])).rejects.toMatchObject({
      code: 'COLLECTOR_FAILED',
      message: 'The collector ended with 3: no such storage',
    });
  });

  it('tells that it is not there', async () => {
    await expect(run([join(folder, 'nothing')])).rejects.toMatchObject({
      code: 'COLLECTOR_FAILED',
    });
  });

  it('measures the files of its storage', async () => {
    await writeFile(join(folder, 'one'), Buffer.alloc(1000));
    await writeFile(join(folder, 'two'), Buffer.alloc(24));
    const { signal } = new AbortController();

    const measured = createCommandCollector({ command: ['true'], storageDir: folder });

    expect(await measured.measure(signal)).toBe(1024);
    expect(await createCommandCollector({ command: ['true'] }).measure(signal)).toBeNull();
  });
});
