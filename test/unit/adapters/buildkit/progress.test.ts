import { createProgressReader } from '../../../../src/adapters/buildkit/progress';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const step = { digest: 'sha256:1', name: '[build 2/3] RUN ["go"]' };

function read(...lines: (object | string)[]): {
  told: string[];
  error: string;
  last: readonly string[];
} {
  const told: string[] = [];
  const reader = createProgressReader((line) => told.push(line));
  for (const line of lines) {
    reader.read(typeof line === 'string' ? line : JSON.stringify(line));
  }
  return { told, error: reader.error(), last: reader.lastLines() };
}

describe('the progress reader', () => {
  it('tells each step once, when it starts, then its output line by line', () => {
    const { told, last } = read(
      { vertexes: [step] },
      { vertexes: [{ ...step, started: 'now' }] },
      { logs: [{ vertex: step.digest, data: base64('one\n\ntwo\n') }] },
      { vertexes: [{ ...step, started: 'now', completed: 'later' }] },
    );

    expect(told).toEqual([step.name, '  one', '  two']);
    expect(last).toEqual(['one', 'two']);
  });

  it('says which steps were cached', () => {
    const { told } = read({ vertexes: [{ ...step, started: 'now', cached: true }] });

    expect(told).toEqual([`${step.name} (cached)`]);
  });

  it('keeps the last twenty lines and the final error', () => {
    const text = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
    const { last, error } = read(
      { logs: [{ vertex: step.digest, data: base64(text) }] },
      'error: failed to solve: exit code: 1',
    );

    expect(last).toHaveLength(20);
    expect(last.at(-1)).toBe('line 29');
    expect(error).toBe('failed to solve: exit code: 1');
  });

  it('stands what it does not know: cut lines, other shapes, very long ones', () => {
    const { told, error } = read('{"vertexes":[{"dig', { vertexes: 7 }, {}, 'a warning', {
      logs: [{ vertex: 'x', data: base64('y'.repeat(5000)) }],
    });

    expect(told.map((line) => line.length)).toEqual([2000]);
    expect(error).toBe('');
  });
});
