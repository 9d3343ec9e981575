import { replayEvidence } from '../../../src/domain/evidence-replay';
import type { WindowAnswer } from '../../../src/domain/judge/window-input';
import { readEvidence } from '../../../src/contract/schema/window-evidence';
import {
  latencies,
  stored,
  track,
  windowEvidence,
  windowInput,
} from '../../support/window-evidence';

const ANSWER: WindowAnswer = {
  outcome: 'pass',
  reasons: [],
  metrics: [
    { metric: 'errors', outcome: 'pass', reason: '', numbers: { p: 0.123456, method: 'exact' } },
  ],
};

function replayAs(now: WindowAnswer, was: WindowAnswer = ANSWER): readonly string[] {
  const evidence = windowEvidence(windowInput(), { answer: was });
  return replayEvidence(evidence, () => now).differences;
}

function withNumbers(numbers: WindowAnswer['metrics'][number]['numbers']): WindowAnswer {
  return { ...ANSWER, metrics: [{ ...ANSWER.metrics[0]!, numbers }] };
}

describe('replay', () => {
  it.each([
    ['a pass', windowInput()],
    ['a slower candidate', windowInput({ candidate: track(latencies(0.15, 1)) })],
    ['a breached guardrail', windowInput({ candidate: track([], { errors: 2_000 }) })],
    ['no stable', windowInput({ stable: null })],
    ['gaps and NaN', windowInput({ candidate: track([NaN, null, ...latencies(0.1, 3)]) })],
  ])('gives the same answer from stored samples of %s', (_name, input) => {
    const read = readEvidence(stored(windowEvidence(input)));

    const replay = read.kind === 'window' ? replayEvidence(read.evidence) : null;

    expect(replay).toEqual({ same: true, differences: [] });
  });

  it('finds samples that were changed afterwards', () => {
    const failed = windowEvidence(windowInput({ candidate: track(latencies(0.2, 1)) }));
    const prettied = { ...failed, input: windowInput() };

    const { same, differences } = replayEvidence(prettied);

    expect(same).toBe(false);
    expect(differences).toContain('outcome: recorded "fail", judged now "pass"');
  });

  it('finds an answer that was changed afterwards', () => {
    const failed = windowEvidence(windowInput({ candidate: track(latencies(0.2, 1)) }));
    const answer = { ...failed.answer, outcome: 'pass', reasons: [] } as const;

    expect(replayEvidence({ ...failed, answer }).same).toBe(false);
  });

  it('names each number that differs', () => {
    expect(replayAs(withNumbers({ p: 0.2, method: 'exact' }))).toEqual([
      'errors p: recorded 0.123456, judged now 0.2',
    ]);
  });

  it('names what is missing and what is new', () => {
    const [errors] = ANSWER.metrics;
    const other = { ...ANSWER, metrics: [{ ...errors!, metric: 'latency' }] };

    expect(replayAs(other)).toEqual(['errors: is not judged now', 'latency: was not judged then']);
    expect(replayAs(withNumbers({ p: 0.123456 }))).toEqual([
      'errors method: recorded "exact", judged now nothing',
    ]);
  });

  it('forgives the sixth digit, and a NaN that is a word', () => {
    expect(replayAs(withNumbers({ p: 0.123457, method: 'exact' }))).toEqual([]);
    expect(replayAs(withNumbers({ p: 'NaN' }), withNumbers({ p: NaN }))).toEqual([]);
    expect(replayAs(withNumbers({ p: -Infinity }), withNumbers({ p: Infinity }))).toHaveLength(1);
  });
});
