import fc from 'fast-check';
import {
  judgeChange,
  judgeDue,
  refusedOf,
  severityOf,
  type DueReason,
  type KeptBy,
  type LastScan,
  type ScanChange,
} from '../../../src/domain/rescan';
import type { Verdict } from '../../../src/domain/verdict';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const DATABASE = `sha256:${'d'.repeat(64)}`;
const QS = 'CVE-2022-24999 qs@6.5.2';
const OTHER = 'CVE-2026-1 zlib@1.2.3';

function scanOf(over: Partial<LastScan> = {}): LastScan {
  const at = new Date(NOW_MS - HOUR_MS).toISOString();
  return { at, outcome: 'pass', database: DATABASE, refused: [], ...over };
}

function verdictOf(...refused: readonly string[]): Verdict {
  const outcome = refused.length > 0 ? 'fail' : 'pass';
  return { gate: 'scan', subject: 'digest', outcome, reasons: [], evidence: { refused } };
}

describe('judgeDue', () => {
  /** Due at three quarters of the limit. */
  const DIGEST = `sha256:80000000${'0'.repeat(56)}` as const;
  const UNKNOWN = { digest: DIGEST, touched: null, database: DATABASE, nowMs: NOW_MS };

  it.each<[string, LastScan | null, DueReason | null]>([
    ['was never scanned', null, 'never-scanned'],
    ['was scanned an hour ago with this database', scanOf(), null],
    ['is bad, and was scanned an hour ago', scanOf({ outcome: 'fail' }), null],
    ['was scanned a day ago', scanOf({ at: '2026-02-28T12:00:00.000Z' }), 'old'],
    ['was scanned at a time that nobody can read', scanOf({ at: 'yesterday' }), 'old'],
    ['was scanned with another database', scanOf({ database: 'sha256:e' }), 'other-database'],
    ['was scanned with an unknown database', scanOf({ database: null }), 'other-database'],
    ['could not be measured', scanOf({ outcome: 'error' }), 'not-measured'],
  ])('knows what to do with an image that %s', (_what, scan, reason) => {
    expect(judgeDue({ ...UNKNOWN, scan, maxAgeMs: 24 * HOUR_MS })).toBe(reason);
  });

  it.each<[string, Partial<LastScan>, boolean, DueReason | null]>([
    ['another database that changes nothing', { database: 'sha256:e' }, false, null],
    ['another database that touches it', { database: 'sha256:e' }, true, 'touched'],
    ['the same database', {}, true, null],
    ['no answer', { outcome: 'error' }, false, 'not-measured'],
    ['an old answer', { at: '2026-02-28T12:00:00.000Z' }, false, 'old'],
  ])('goes by the index where it knows, with %s', (_what, over, touched, reason) => {
    const scan = scanOf(over);

    expect(judgeDue({ ...UNKNOWN, scan, touched, maxAgeMs: 24 * HOUR_MS })).toBe(reason);
  });

  it('spreads what was scanned at once over half of the limit', () => {
    const ages = ['00000000', '80000000', 'ffffffff'].map((head) => {
      const digest = `sha256:${head}${'0'.repeat(56)}` as const;
      const isDue = (hours: number): boolean => {
        const at = new Date(NOW_MS - hours * HOUR_MS).toISOString();
        return (
          judgeDue({ ...UNKNOWN, digest, scan: scanOf({ at }), maxAgeMs: 24 * HOUR_MS }) !== null
        );
      };
      return Array.from({ length: 25 }, (_, hours) => hours).find(isDue);
    });

    expect(ages).toEqual([12, 18, 24]);
  });

  it('never leaves a verdict that is as old as the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9), (maxAgeMs, moreMs) => {
        const at = new Date(NOW_MS - maxAgeMs - moreMs).toISOString();
        const scan = scanOf({ at });

        expect(judgeDue({ ...UNKNOWN, scan, maxAgeMs })).toBe('old');
      }),
    );
  });
});

it.each<[string, LastScan | null, Verdict, ScanChange]>([
  ['passes as before', scanOf(), verdictOf(), 'good'],
  ['passes for the first time', null, verdictOf(), 'good'],
  ['passes after a bad one', scanOf({ outcome: 'fail' }), verdictOf(), 'good-again'],
  ['fails after a good one', scanOf(), verdictOf(QS), 'gone-bad'],
  ['fails for the first time', null, verdictOf(QS), 'gone-bad'],
  ['fails as before', scanOf({ outcome: 'fail', refused: [QS] }), verdictOf(QS), 'still-bad'],
  [
    'fails by less than before',
    scanOf({ outcome: 'fail', refused: [OTHER, QS] }),
    verdictOf(QS),
    'still-bad',
  ],
  [
    'fails by something new',
    scanOf({ outcome: 'fail', refused: [OTHER] }),
    verdictOf(OTHER, QS),
    'gone-bad',
  ],
])('judgeChange: it %s', (_what, before, verdict, change) => {
  expect(judgeChange(before, verdict)).toBe(change);
});

it.each([
  [null, []],
  ['text', []],
  [{ refused: 'all' }, []],
  [{ refused: [QS, 3, OTHER] }, [QS, OTHER]],
])('refusedOf reads %j', (evidence, refused) => {
  expect(refusedOf(evidence)).toEqual(refused);
});

it.each<[readonly KeptBy[], 'critical' | 'warning']>([
  [['prod:stable'], 'critical'],
  [['dev:stable', 'running'], 'critical'],
  [['stg:stable', 'rollback-window'], 'warning'],
  [['hold'], 'warning'],
])('severityOf %j is %s', (kept, severity) => {
  expect(severityOf(kept)).toBe(severity);
});
