import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { alone, tryHold } from '../../../../src/local/process/exclusive';

const socketOf = (name: string): string =>
  `\\0plura-reg-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;

test('a name that is held is refused until it is let go', async () => {
  const name = randomUUID();
  const release = await tryHold(name);

  const second = await tryHold(name);
  await release?.();
  const third = await tryHold(name);

  expect(second).toBeUndefined();
  expect(third).toBeDefined();
  await third?.();
});

test('different names do not hinder each other', async () => {
  const first = await tryHold(randomUUID());
  const second = await tryHold(randomUUID());

  expect([first, second]).not.toContain(undefined);
  await first?.();
  await second?.();
});

test('two pieces of work under one name never overlap, and the second says that it waits', async () => {
  const name = randomUUID();
  const log: string[] = [];
  const work = (label: string) => async (): Promise<void> => {
    log.push(`${label} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.push(`${label} ends`);
  };

  const first = alone(name, () => log.push('first waits'), work('first'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([first, alone(name, () => log.push('second waits'), work('second'))]);

  expect(log.filter((line) => line !== 'second waits')).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ]);
  expect(log).toContain('second waits');
});

test('the name is free again when the work throws', async () => {
  const name = randomUUID();
  const failing = alone(
    name,
    () => undefined,
    () => Promise.reject(new Error('broken')),
  );

  await expect(failing).rejects.toThrow('broken');

  const release = await tryHold(name);
  expect(release).toBeDefined();
  await release?.();
});

test('waiting ends when it is aborted', async () => {
  const name = randomUUID();
  const release = await tryHold(name);
  const abort = new AbortController();

  const waiting = alone(
    name,
    () => {
      abort.abort();
    },
    () => Promise.resolve(),
    abort.signal,
  );

  await expect(waiting).rejects.toThrow(/abort/i);
  await release?.();
});

test('a holder that is killed leaves the name free', async () => {
  const name = randomUUID();
  const script = `require('node:net').createServer().listen({ path: '${socketOf(name)}' }, () => console.log('held'))`;
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(holder.stdout, 'data');
  const whileHeld = await tryHold(name);

  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const afterwards = await tryHold(name);

  expect(whileHeld).toBeUndefined();
  expect(afterwards).toBeDefined();
  await afterwards?.();
});
