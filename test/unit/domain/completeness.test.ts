import {
  describeFaults,
  judgeCompleteness,
  type CompletenessFacts,
} from '../../../src/domain/completeness';
import type { Digest } from '../../../src/domain/digest';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [IMAGE, BLOB, CHILD] = [digest('a'), digest('b'), digest('c')];

function facts(over: Partial<CompletenessFacts> = {}): CompletenessFacts {
  return {
    digest: IMAGE,
    missing: [],
    signature: true,
    sbom: true,
    provenance: true,
    unsignedChildren: [],
    cveFault: null,
    quarantined: false,
    badReason: null,
    ...over,
  };
}

describe('judgeCompleteness', () => {
  it('finds nothing where nothing lacks', () => {
    expect(judgeCompleteness(facts())).toEqual([]);
  });

  it.each([
    ['manifest', { missing: [IMAGE] }, 'manifest'],
    ['blob', { missing: [BLOB] }, BLOB],
    ['signature', { signature: false }, 'no valid signature'],
    ['child-signature', { unsignedChildren: [CHILD] }, CHILD],
    ['sbom', { sbom: false }, 'SBOM'],
    ['provenance', { provenance: false }, 'provenance'],
    ['cve-verdict', { cveFault: 'It has no scan verdict.' }, 'no scan verdict'],
    ['quarantine', { quarantined: true }, 'quarantined'],
    ['bad-digest', { badReason: 'lost orders' }, 'lost orders'],
  ] as const)('names a lacking %s', (part, over, text) => {
    const faults = judgeCompleteness(facts(over));

    expect(faults.map((one) => one.part)).toEqual([part]);
    expect(describeFaults(faults)).toContain(text);
  });

  it('says the same whatever the order things were found in, and counts what are too many to name', () => {
    const missing = ['1', '2', '3', '4', '5', '6', '7'].map(digest);

    const [fault] = judgeCompleteness(facts({ missing }));
    const [again] = judgeCompleteness(facts({ missing: missing.toReversed() }));

    expect(fault).toEqual(again);
    expect(fault?.message).toContain('and 2 more');
  });

  it('tells a manifest that is gone from the parts that are gone with it', () => {
    const faults = judgeCompleteness(facts({ missing: [BLOB, IMAGE], quarantined: true }));

    expect(faults.map((one) => one.part)).toEqual(['manifest', 'blob', 'quarantine']);
  });
});
