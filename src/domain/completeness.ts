import type { Digest } from './digest';

export type CompletenessPart =
  | 'manifest'
  | 'blob'
  | 'signature'
  | 'child-signature'
  | 'sbom'
  | 'provenance'
  | 'cve-verdict'
  | 'quarantine'
  | 'bad-digest';

/** What a digest lacks to be run again at any moment. */
export interface CompletenessFault {
  readonly part: CompletenessPart;
  readonly message: string;
}

/** What was found of a digest and its closure. */
export interface CompletenessFacts {
  readonly digest: Digest;
  /** Manifests and blobs that the registry does not hold; the digest itself when its manifest is gone. */
  readonly missing: readonly Digest[];
  /** Whether an attestation of ours verifies. */
  readonly signature: boolean;
  readonly sbom: boolean;
  readonly provenance: boolean;
  /** Images of the index without a signature of their own. */
  readonly unsignedChildren: readonly Digest[];
  /** Why its newest scan verdict does not hold; null when it does. */
  readonly cveFault: string | null;
  readonly quarantined: boolean;
  /** Why it is remembered as bad; null when it is not. */
  readonly badReason: string | null;
}

/** Named in a message; what is over is counted. */
const MAX_NAMED = 5;

function named(digests: readonly Digest[]): string {
  const some = digests.toSorted().slice(0, MAX_NAMED).join(', ');
  const more = digests.length - MAX_NAMED;
  return more > 0 ? `${some} and ${more} more` : some;
}

/** Nothing for a digest that is whole, ours, judged and allowed. The same facts give the same faults, in the same order. */
export function judgeCompleteness(facts: CompletenessFacts): readonly CompletenessFault[] {
  const { digest, missing, unsignedChildren, cveFault, quarantined, badReason } = facts;
  const parts = missing.filter((one) => one !== digest);
  const faults: readonly (readonly [CompletenessPart, string | null])[] = [
    ['manifest', missing.length > parts.length ? 'The registry does not hold its manifest.' : null],
    [
      'blob',
      parts.length > 0 ? `The registry does not hold ${named(parts)}, which it is made of.` : null,
    ],
    ['signature', facts.signature ? null : 'It has no valid signature of ours.'],
    [
      'child-signature',
      unsignedChildren.length > 0
        ? `These images of the index have no valid signature: ${named(unsignedChildren)}.`
        : null,
    ],
    ['sbom', facts.sbom ? null : 'It has no validly signed SBOM.'],
    ['provenance', facts.provenance ? null : 'It has no validly signed provenance.'],
    ['cve-verdict', cveFault],
    ['quarantine', quarantined ? 'It is quarantined.' : null],
    ['bad-digest', badReason === null ? null : `It is remembered as bad: ${badReason}`],
  ];
  return faults.flatMap(([part, message]) => (message === null ? [] : [{ part, message }]));
}

/** For people: what it lacks, in a sentence each. */
export function describeFaults(faults: readonly CompletenessFault[]): string {
  return faults.map(({ message }) => message).join(' ');
}
