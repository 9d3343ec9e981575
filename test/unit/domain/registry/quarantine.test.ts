import fc from 'fast-check';
import type { Digest } from '../../../../src/domain/digest';
import {
  findBlock,
  isInForce,
  isInGrace,
  quarantined,
  unreadable,
  type Block,
} from '../../../../src/domain/registry/quarantine';
import { fakeDigest } from '../../../support/api-fixtures';

const AT = '2026-11-24T12:00:00.000Z';
const NOW_MS = Date.parse(AT);

function block(digest: Digest, over: Partial<Block> = {}): Block {
  return {
    digest,
    cause: digest,
    reason: 'incident 4711',
    cves: [],
    by: 'erin',
    at: AT,
    graceUntil: null,
    expiresAt: null,
    ...over,
  };
}

function blocksOf(...all: readonly Block[]): ReadonlyMap<Digest, Block> {
  return new Map(all.map((one) => [one.digest, one]));
}

const A = fakeDigest('a');
const B = fakeDigest('b');
const C = fakeDigest('c');
const LATER = '2026-11-24T12:00:00.001Z';

describe('what stands in the way of a read', () => {
  it('is nothing when none of the digests is quarantined', () => {
    expect(findBlock(blocksOf(block(A)), [B, C], NOW_MS)).toBeNull();
  });

  it('is a quarantine without grace before one with it, in whatever order', () => {
    const blocks = blocksOf(block(A, { graceUntil: LATER }), block(B));

    expect(findBlock(blocks, [A, B], NOW_MS)?.digest).toBe(B);
    expect(findBlock(blocks, [B, A], NOW_MS)?.digest).toBe(B);
    expect(findBlock(blocks, [A, C], NOW_MS)?.digest).toBe(A);
  });

  it('ends at the moment of its end, not before', () => {
    expect(isInForce(block(A, { expiresAt: LATER }), NOW_MS)).toBe(true);
    expect(isInForce(block(A, { expiresAt: AT }), NOW_MS)).toBe(false);
  });

  it('has grace until the moment it ends', () => {
    expect(isInGrace(block(A, { graceUntil: LATER }), NOW_MS)).toBe(true);
    expect(isInGrace(block(A, { graceUntil: AT }), NOW_MS)).toBe(false);
  });

  it('stands when a time can not be read', () => {
    const odd = block(A, { expiresAt: 'tomorrow', graceUntil: 'tomorrow' });

    expect([isInForce(odd, NOW_MS), isInGrace(odd, NOW_MS)]).toEqual([true, false]);
  });

  it('is found exactly for what can not be read', () => {
    const times = fc.constantFrom(null, AT, LATER, '2026-11-23T00:00:00Z');
    const many = fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), graceUntil: times, expiresAt: times }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(many, (rows) => {
        const blocks = blocksOf(...rows.map(({ name, ...over }) => block(fakeDigest(name), over)));
        const refused = new Set(unreadable(blocks, NOW_MS));

        for (const digest of ['a', 'b', 'c', 'd'].map(fakeDigest)) {
          const found = findBlock(blocks, [digest], NOW_MS);
          expect(found !== null && !isInGrace(found, NOW_MS)).toBe(refused.has(digest));
        }
      }),
    );
  });
});

describe('what a refused client is told', () => {
  it('names the advisories rather than the reason', () => {
    const { message } = quarantined(block(A, { cves: ['CVE-2026-1', 'CVE-2026-2'] }));

    expect(message).toBe(`${A} is quarantined: CVE-2026-1, CVE-2026-2`);
  });

  it('names the digest that it spread from', () => {
    const { message, detail } = quarantined(block(A, { cause: B }));

    expect(message).toBe(`${A} is quarantined (through ${B}): incident 4711`);
    expect(detail).toMatchObject({ cause: B, reason: 'incident 4711', since: AT });
  });
});
