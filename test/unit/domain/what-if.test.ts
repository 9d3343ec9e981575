import { readEvidence } from '../../../src/contract/schema/window-evidence';
import type { Verdict } from '../../../src/domain/verdict';
import {
  judgeWhatIf,
  type StoredRelease,
  type StoredWindow,
  type WhatIfRules,
} from '../../../src/domain/what-if';
import {
  latencies,
  LATENCY,
  measuredVerdict,
  track,
  unmeasuredVerdict,
  windowEvidence,
  windowInput,
  windowVerdict,
} from '../../support/window-evidence';

const AS_IT_WAS: WhatIfRules = { canary: {}, observation: {}, judge: {} };
const strict = (maxP95Ms: number): WhatIfRules => ({ ...AS_IT_WAS, canary: { maxP95Ms } });

function storedWindow(verdict: Verdict): StoredWindow {
  return {
    gate: verdict.gate === 'observation' ? 'observation' : 'canary',
    subject: verdict.subject,
    outcome: verdict.outcome,
    evidence: readEvidence(verdict.evidence),
  };
}

function release(verdicts: readonly Verdict[], over: Partial<StoredRelease> = {}): StoredRelease {
  const windows = verdicts.map((verdict) => storedWindow(verdict));
  return { outcome: 'released', reason: 'is prod:stable', windows, ...over };
}

function stoppedBy(verdict: Verdict): StoredRelease {
  const reason = `GATE_FAILED: ${verdict.gate} ${verdict.subject}: ${verdict.reasons.join('; ')}`;
  return release([verdict], { outcome: 'rejected', reason });
}

const slower = windowEvidence(windowInput({ candidate: track(latencies(0.15, 1)) }));

describe('what if', () => {
  it.each([
    ['released', release([windowVerdict(), measuredVerdict()])],
    ['rejected', stoppedBy(windowVerdict(slower))],
    ['of no window at all', release([], { outcome: 'rejected', reason: 'scan image: CVE' })],
  ])('changes nothing for a release that was %s, by its own rules', (_name, stored) => {
    expect(judgeWhatIf(stored, AS_IT_WAS)).toEqual({ result: { change: 'none' }, notes: [] });
  });

  it('stops a release at the first window that breaks a stricter guardrail', () => {
    const first = windowVerdict(windowEvidence(), { subject: '5 %' });
    const stored = release([first, windowVerdict()]);

    const { result } = judgeWhatIf(stored, strict(100));

    expect(result).toEqual({
      change: 'stopped',
      window: 'canary 5 %',
      why: 'fail: p95 latency is 120 ms, limit 100 ms',
    });
  });

  it('does not know how a window had gone that nobody could measure', () => {
    const { result } = judgeWhatIf(stoppedBy(unmeasuredVerdict()), strict(100));

    expect(result).toEqual({
      change: 'unknown',
      window: 'canary 25 %',
      why: 'it could not be measured, so there is nothing to judge',
    });
  });

  it('stops one of 0.2.0 by its measurement', () => {
    const { result } = judgeWhatIf(release([measuredVerdict()]), strict(100));

    expect(result).toMatchObject({ change: 'stopped', window: 'canary 5 %' });
  });

  it('keeps the rules of the observation apart from those of the canary', () => {
    const stored = release([windowVerdict(windowEvidence(), { gate: 'observation' })]);

    expect(judgeWhatIf(stored, strict(100)).result).toEqual({ change: 'none' });
  });

  it('stops one by a comparison that the plan asks for now', () => {
    const lenient = windowInput({
      candidate: track(latencies(0.15, 1)),
      judge: { ...windowInput().judge, metrics: [{ ...LATENCY, minEffect: 0.9 }] },
    });
    const judge = { metrics: [LATENCY] };

    const { result } = judgeWhatIf(release([windowVerdict(windowEvidence(lenient))]), {
      ...AS_IT_WAS,
      judge,
    });

    expect(result).toMatchObject({ change: 'stopped' });
  });

  it('lets one go on that would pass the window which stopped it', () => {
    const judge = { metrics: [{ ...LATENCY, minEffect: 0.9 }] };

    const { result } = judgeWhatIf(stoppedBy(windowVerdict(slower)), { ...AS_IT_WAS, judge });

    expect(result).toEqual({ change: 'goes-on', window: 'canary 25 %', why: 'pass' });
  });

  it('says that a window which was cut short is not over', () => {
    const early = { ...slower, to: '2026-03-01T11:01:00.000Z' };
    const judge = { metrics: [] };

    const { result } = judgeWhatIf(stoppedBy(windowVerdict(early)), { ...AS_IT_WAS, judge });

    expect(result).toMatchObject({
      change: 'goes-on',
      why: 'pass so far; the window was not over',
    });
  });

  it('does not blame a window for a release that was aborted', () => {
    const verdict = windowVerdict(slower, { outcome: 'inconclusive' });
    const aborted = release([verdict], { outcome: 'aborted', reason: 'wrong commit (carol)' });

    const { result } = judgeWhatIf(aborted, { ...AS_IT_WAS, judge: { metrics: [] } });

    expect(result).toEqual({ change: 'none' });
  });

  it('names a metric that was not sampled by this query', () => {
    const judge = { metrics: [LATENCY, { ...LATENCY, query: 'other' }] };

    const { notes } = judgeWhatIf(release([windowVerdict()]), { ...AS_IT_WAS, judge });

    expect(notes).toEqual(['metric p95 latency: some windows have no samples of its query']);
  });

  it.each<[string, Verdict, WhatIfRules, RegExp]>([
    ['kept nothing', measuredVerdict({ evidence: null }), strict(100), /no evidence was kept/],
    [
      'kept no samples to compare',
      measuredVerdict(),
      { ...AS_IT_WAS, judge: { minSamples: 5 } },
      /no samples were kept/,
    ],
    [
      "can't be read",
      windowVerdict(windowEvidence(), { evidence: { type: 'plura.reg/window-evidence/v1' } }),
      strict(100),
      /can't be read/,
    ],
  ])('says that it does not know of a window that %s', (_name, verdict, rules, why) => {
    expect(judgeWhatIf(release([verdict]), rules).result).toMatchObject({
      change: 'unknown',
      why: expect.stringMatching(why) as string,
    });
  });

  it('says what a later window decides, though an earlier one is not known', () => {
    const stored = release([measuredVerdict({ evidence: null }), windowVerdict()]);

    expect(judgeWhatIf(stored, strict(100)).result).toMatchObject({
      change: 'stopped',
      window: 'canary 25 %',
    });
  });
});
