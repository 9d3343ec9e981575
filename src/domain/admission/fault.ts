/** What a review asks others for. While one of them is down nothing can be known, and nothing is let in. */
export const ADMISSION_DEPENDENCIES = ['registry', 'ledger', 'signer', 'log', 'cluster'] as const;
export type AdmissionDependency = (typeof ADMISSION_DEPENDENCIES)[number];

/** Why an image is refused (docs/admission.md has the table). */
export const IMAGE_RULES = [
  'reference',
  'digest-form',
  'registry-name',
  'repository',
  'quarantined',
  'allow-list',
  'released',
  'binding',
  'present',
  'malformed',
  'signature',
  'child-signature',
  'sbom',
  'provenance',
  'cve-verdict',
  'image-count',
  'not-known',
  'internal',
] as const;
export type ImageRule = (typeof IMAGE_RULES)[number];

export interface AdmissionFault {
  readonly rule: ImageRule;
  /** One sentence for people, without the image. */
  readonly message: string;
  /** Set when this is no judgement: it could not be found out, since this part did not answer. */
  readonly unknown?: AdmissionDependency;
  /**
   * Set when it is of today's rules and records rather than of the image: a verdict that is too old, an exception that ended, a base
   * that is no longer signed, more evidence than is read. Nothing new is let in; what runs need not be stopped for it.
   */
  readonly lapse?: true;
}

/** The message of these says all, or that nobody knows. */
const NOT_EXPLAINED: readonly ImageRule[] = [
  'reference',
  'digest-form',
  'registry-name',
  'image-count',
  'not-known',
  'internal',
];

/** Whether `plura reg why` can tell more of it. */
export function isExplained({ rule, unknown }: AdmissionFault): boolean {
  return unknown === undefined && !NOT_EXPLAINED.includes(rule);
}

/** The earlier of two RFC 3339 times; null is never. */
export function earlier(one: string | null, two: string | null): string | null {
  if (one === null || two === null) return one ?? two;
  // A time that can't be read counts as past: nothing outlives it.
  return Number.isNaN(Date.parse(two)) || Date.parse(two) < Date.parse(one) ? two : one;
}
