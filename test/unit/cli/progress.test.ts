import type { ReleaseView } from '../../../src/contract/schema/api-release';
import { createProgress } from '../../../src/cli/output/progress';
import { createPaint, formatDuration } from '../../../src/cli/output/style';
import type { ReleaseStatus } from '../../../src/domain/release';
import { NOW, releaseStatus } from '../../support/api-fixtures';

const view = (over: Partial<ReleaseStatus>): ReleaseView => ({
  ...releaseStatus(over),
  webUiUrl: 'http://temporal.test',
});

function terminal(columns: number) {
  const written: string[] = [];
  const stream = { isTTY: true, columns, write: (text: string) => written.push(text) };
  const now = (): number => Date.parse(NOW) + 4000;
  return { written, progress: createProgress(stream, now, createPaint(false)) };
}

const step = { stage: 'canary', title: 'canary 5 %', state: 'running', startedAt: NOW } as const;

describe('progress in a terminal', () => {
  it('redraws its block in place, with the time a step has taken so far', () => {
    const { written, progress } = terminal(100);

    progress.show(view({ steps: [step] }));
    progress.show(view({ steps: [{ ...step, state: 'done', endedAt: NOW }, step] }));

    const [first = '', second = ''] = written;
    expect(first.split('\n')).toHaveLength(4);
    expect(first).toContain('4.0 s');
    expect(first.startsWith('\u001b[2K')).toBe(true);
    expect(second.startsWith('\u001b[3A')).toBe(true);
  });

  it('cuts lines that would wrap, since a wrapped line is two to the cursor', () => {
    const { written, progress } = terminal(20);

    progress.show(view({ steps: [step] }));

    const lines = (written[0] ?? '').replaceAll('\u001b[2K', '').split('\n').slice(0, -1);
    expect(lines.map((line) => line.length <= 20)).toEqual([true, true, true]);
  });

  it('starts a new block below a note', () => {
    const { written, progress } = terminal(100);

    progress.show(view({ steps: [step] }));
    progress.note('no answer');
    progress.show(view({ steps: [step] }));

    expect(written[2]?.startsWith('\u001b[2K')).toBe(true);
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [59_900, '59.9 s'],
    [59_999, '60.0 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
