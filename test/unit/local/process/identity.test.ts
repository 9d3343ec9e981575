import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, parseStat } from '../../../../src/local/process/identity';

const STAT = (name: string): string =>
  `4242 (${name}) S 1 4242 4242 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 1`;

test.each(['node', 'a b', 'x) S 1 (y', '((('])(
  'the start time is read past the name "%s"',
  (name) => {
    expect(parseStat(STAT(name))).toEqual({ state: 'S', startTime: '987654' });
  },
);

test('text that is no stat line gives nothing', () => {
  expect(parseStat('')).toBeUndefined();
});

test('this process is alive under its own start time', () => {
  const identity = identify(process.pid);

  expect(identity && isAlive(identity)).toBe(true);
});

test('the same number with another start time is somebody else', () => {
  expect(isAlive({ pid: process.pid, startTime: '1' })).toBe(false);
});

test('a process that has ended is not alive', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const identity = identify(child.pid ?? 0);
  const before = identity && isAlive(identity);

  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(before).toBe(true);
  expect(identity && isAlive(identity)).toBe(false);
});
