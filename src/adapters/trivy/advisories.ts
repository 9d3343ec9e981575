import type { Advisory, AdvisoryRange, AdvisoryStatus } from '../../domain/advisories/advisory';
import { RED_HAT } from '../../domain/advisories/distributions';
import { severityOfNumber } from '../../domain/advisories/severity';
import type { AdvisoryValue } from './schema';

const STATUSES: readonly AdvisoryStatus[] = [
  'unknown',
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
];

/** Feeds that rate a vulnerability for each package, and say what becomes of it. */
const RATED_BY_PACKAGE = /^(debian |echo$)/;
/** Feeds with a list of fixes, each for some architectures. */
const BY_ARCHITECTURE = /^(rocky |Oracle Linux )/;

/** An advisory as far as it stands in its own entry; its severity null when the sources of its vulnerability tell. */
export type RawAdvisory = Omit<Advisory, 'severity'> & {
  readonly severity: Advisory['severity'] | null;
};

export interface AdvisoryRecord extends Pick<Advisory, 'space' | 'name' | 'source'> {
  /** A vulnerability, or an advisory of Red Hat on several. */
  readonly id: string;
  readonly value: AdvisoryValue;
}

const statusOf = (number: number | undefined): AdvisoryStatus => STATUSES[number ?? 0] ?? 'unknown';

function below(fixed: string | undefined, arches: readonly string[] | null): AdvisoryRange {
  return { kind: 'below', fixed: fixed ? fixed : null, from: null, arches };
}

type Keyed = Pick<Advisory, 'id' | 'space' | 'name' | 'source'>;

/** Of the products asked for; of all when the database knows none of them, for then nothing can be ruled out. */
function ofRedHat(
  key: Keyed,
  { Entries }: AdvisoryValue,
  products: ReadonlySet<number>,
): readonly RawAdvisory[] {
  return (Entries ?? [])
    .filter(
      ({ Affected }) => products.size === 0 || (Affected ?? []).some((index) => products.has(index)),
    )
    .flatMap(({ FixedVersion, Arches, Status, Cves }) =>
      (Cves ?? []).map((cve) => ({
        ...key,
        id: key.id.startsWith('CVE-') ? key.id : (cve.ID ?? ''),
        severity: severityOfNumber(cve.Severity ?? 0),
        status: statusOf(Status),
        range: below(FixedVersion, Arches?.length ? Arches : null),
      })),
    );
}

function ofDistribution(key: Keyed, value: AdvisoryValue): readonly RawAdvisory[] {
  const rated = RATED_BY_PACKAGE.test(key.space);
  const base = {
    ...key,
    severity: rated && value.Severity ? severityOfNumber(value.Severity) : null,
    status: rated ? statusOf(value.Status) : statusOf(0),
  };
  const entries = BY_ARCHITECTURE.test(key.space) ? (value.Entries ?? []) : [];
  if (entries.length > 0) {
    return entries.map(({ FixedVersion, Arches }) => ({
      ...base,
      range: below(FixedVersion, Arches ?? []),
    }));
  }
  const from = key.space.startsWith('alpine ') ? (value.AffectedVersion ?? '') : '';
  return [{ ...base, range: { ...below(value.FixedVersion, null), from: from || null } }];
}

function ofLanguage(key: Keyed, value: AdvisoryValue): readonly RawAdvisory[] {
  const range: AdvisoryRange = {
    kind: 'ranges',
    vulnerable: value.VulnerableVersions ?? [],
    patched: value.PatchedVersions ?? [],
    unaffected: value.UnaffectedVersions ?? [],
  };
  return [{ ...key, severity: null, status: 'unknown', range }];
}

/** What one entry of the database says, as the scanner reads it. */
export function advisoriesOfRecord(
  { id, space, name, source, value }: AdvisoryRecord,
  products: ReadonlySet<number>,
): readonly RawAdvisory[] {
  const key = { id, space, name, source };
  if (source.includes('::')) {
    return ofLanguage(key, value);
  }
  return space === RED_HAT.prefix ? ofRedHat(key, value, products) : ofDistribution(key, value);
}
