import fc from 'fast-check';
import { readEvidence } from '../../../src/contract/schema/window-evidence';
import { encodeWindowEvidence, WINDOW_EVIDENCE_LIMITS } from '../../../src/domain/evidence';
import type { Json } from '../../../src/domain/verdict';
import {
  measuredVerdict,
  stored,
  track,
  windowEvidence,
  windowInput,
} from '../../support/window-evidence';

type JsonObject = Readonly<Record<string, Json>>;

describe('evidence of a window', () => {
  it('is the same after a journey as JSON', () => {
    const evidence = windowEvidence();

    expect(readEvidence(stored(evidence))).toEqual({ kind: 'window', evidence });
  });

  it('keeps NaN, infinities and gaps of every sample apart', () => {
    const anyValue = fc.oneof(fc.double(), fc.constant(null), fc.constantFrom(NaN, Infinity));
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 50 }), fc.double(), (drawn, p95Ms) => {
        // JSON has one zero.
        const values = drawn.map((value) => (value === 0 ? 0 : value));
        const candidate = track(values, { p95Ms: p95Ms === 0 ? 0 : p95Ms });
        const evidence = { ...windowEvidence(), input: windowInput({ candidate }) };

        expect(readEvidence(stored(evidence))).toEqual({ kind: 'window', evidence });
      }),
    );
  });

  it('is text where JSON has no number', () => {
    const evidence = windowEvidence(windowInput({ candidate: track([NaN, -Infinity, null]) }));

    const json = JSON.stringify(encodeWindowEvidence(evidence));

    expect(json).toContain('"values":["NaN","-Infinity",null]');
  });

  it('keeps what a later judge adds to its input', () => {
    const later = { ...(stored(windowEvidence()) as JsonObject) };
    const input = { ...(later['input'] as JsonObject), seasonality: 24 };

    const read = readEvidence({ ...later, input });

    expect(read).toMatchObject({ kind: 'window', evidence: { input: { seasonality: 24 } } });
  });

  it.each<[string, JsonObject]>([
    ['a number as text', { input: { windowMs: '5m' } }],
    ['no answer', { answer: null }],
    ['a digest that is none', { digests: { candidate: 'latest', stable: null } }],
    ['a time that is none', { to: 'yesterday' }],
  ])('says what is wrong with %s instead of using it', (_name, over) => {
    const evidence = { ...(stored(windowEvidence()) as JsonObject), ...over };

    expect(readEvidence(evidence)).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining(Object.keys(over)[0] ?? '') as string,
    });
  });

  it('refuses more samples than a window can have', () => {
    const values = Array.from({ length: WINDOW_EVIDENCE_LIMITS.samples + 1 }, () => 1);
    const evidence = { ...windowEvidence(), input: windowInput({ candidate: track(values) }) };

    expect(readEvidence(stored(evidence)).kind).toBe('unreadable');
  });

  it('of 0.2.0 is a measurement that guardrails can judge', () => {
    expect(readEvidence(measuredVerdict().evidence)).toEqual({
      kind: 'measurement',
      sample: { requests: 1_000, errors: 0, p95Ms: 120, freshnessMs: 500 },
      guardrails: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 50 },
      staleAfterMs: 30_000,
    });
  });

  it.each([null, [], 'text', { critical: 0 }, { type: 'another/v1' }])(
    'is not looked for in %j',
    (evidence) => {
      expect(readEvidence(evidence)).toEqual({ kind: 'other' });
    },
  );
});
