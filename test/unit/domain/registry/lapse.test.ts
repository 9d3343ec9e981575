import fc from 'fast-check';
import type { Digest } from '../../../../src/domain/digest';
import { nextEndMs, withholding, type Lapse } from '../../../../src/domain/registry/lapse';
import { findBlock, quarantined, type Block } from '../../../../src/domain/registry/quarantine';
import { digestOf } from '../../../support/contracts/ledger-builders';

const END = Date.parse('2026-12-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const DIGEST = digestOf('a');
const NO_GRACE = { graceMs: 0 };

function lapseOf(over: Partial<Lapse> = {}): Lapse {
  return {
    ...{ digest: DIGEST, cause: DIGEST, svc: 'shop', vulnerabilityId: 'CVE-2026-0001' },
    ...{ packageName: 'qs', exceptionId: 'exc-1', endsAt: new Date(END).toISOString() },
    running: true,
    ...over,
  };
}

function blockOf(over: Partial<Block> = {}): ReadonlyMap<Digest, Block> {
  const block: Block = {
    ...{ digest: DIGEST, cause: DIGEST, reason: 'incident', cves: [], by: 'erin' },
    ...{ at: '2026-01-01T00:00:00Z', graceUntil: null, expiresAt: null },
    ...over,
  };
  return new Map([[DIGEST, block]]);
}

it.each([
  ['a second before the end', END - 1_000, false],
  ['at the end', END, true],
  ['a second after it', END + 1_000, true],
])('withholds from the end on: %s', (_, nowMs, withheld) => {
  const blocks = withholding(new Map(), [lapseOf()], { nowMs, ...NO_GRACE });

  expect(blocks.has(DIGEST)).toBe(withheld);
});

it('withholds at once what nothing covers, or whose end can not be read', () => {
  for (const endsAt of ['1970-01-01T00:00:00.000Z', 'never']) {
    const blocks = withholding(new Map(), [lapseOf({ endsAt })], { nowMs: 1, ...NO_GRACE });

    expect(findBlock(blocks, [DIGEST], 1)?.lapsed).toBe(true);
  }
});

it.each([
  ['what a channel points at, within the grace', true, END + HOUR_MS - 1, true],
  ['what a channel points at, after it', true, END + HOUR_MS, false],
  ['what no channel points at', false, END, false],
])('lets pulls of %s', (_, running, nowMs, readable) => {
  const blocks = withholding(new Map(), [lapseOf({ running })], { nowMs, graceMs: HOUR_MS });

  const block = findBlock(blocks, [DIGEST], nowMs);
  expect(block?.graceUntil !== null && nowMs < Date.parse(block?.graceUntil ?? '')).toBe(readable);
});

it.each<[string, Partial<Block>, boolean]>([
  ['a quarantine', {}, false],
  ['a quarantine in its grace', { graceUntil: '2999-01-01T00:00:00Z' }, true],
  ['a quarantine that is over', { expiresAt: '2026-01-02T00:00:00Z' }, true],
])('of two says the one that refuses: beside %s', (_, over, lapsed) => {
  const blocks = withholding(blockOf(over), [lapseOf()], { nowMs: END, ...NO_GRACE });

  expect(blocks.get(DIGEST)?.lapsed ?? false).toBe(lapsed);
});

it('says why, and what to do', () => {
  const blocks = withholding(new Map(), [lapseOf({ cause: digestOf('index') })], {
    ...{ nowMs: END, ...NO_GRACE },
  });

  const block = blocks.get(DIGEST);

  expect(block && quarantined(block)).toMatchObject({
    ...{ code: 'DENIED', rule: 'exception-ended' },
    message: `${DIGEST} may not be pulled any more (through ${digestOf('index')}): exception exc-1 of shop for CVE-2026-0001 in qs ended at 2026-12-01T00:00:00.000Z`,
    remedy: expect.stringContaining('plura reg exception request') as string,
  });
});

it('never withholds less later, but for graces that it gave', () => {
  const ends = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 10 });
  fc.assert(
    fc.property(ends, fc.nat(100), fc.nat(100), (endsMs, one, other) => {
      const lapses = endsMs.map((endMs, index) =>
        lapseOf({ digest: digestOf(String(index)), endsAt: new Date(endMs).toISOString() }),
      );
      const [before, after] = [Math.min(one, other), Math.max(one, other)].map((nowMs) =>
        withholding(new Map(), lapses, { nowMs, ...NO_GRACE }),
      );

      expect([...(before?.keys() ?? [])].every((digest) => after?.has(digest))).toBe(true);
      const next = nextEndMs(lapses, one);
      expect(next > one).toBe(true);
      const until = withholding(new Map(), lapses, { nowMs: next - 1, ...NO_GRACE });
      const now = withholding(new Map(), lapses, { nowMs: one, ...NO_GRACE });
      expect(Number.isFinite(next) ? until.size : now.size).toBe(now.size);
    }),
  );
});
