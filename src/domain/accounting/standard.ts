import { ENVIRONMENTS } from '../reference';
import { NO_GROUP, type ImageCounts } from './figures';

/** Where something was stopped for its vulnerabilities (docs/metrics.md). */
export const CVE_BLOCK_PLACES = ['pull', 'admission', 'release', 'rescan'] as const;
export type CveBlockPlace = (typeof CVE_BLOCK_PLACES)[number];

export interface Coverage {
  readonly have: number;
  readonly of: number;
}

export interface Latency {
  readonly count: number;
  /** Nearest rank: one that really was. */
  readonly p95Ms: number;
}

/** What the ledger says of a window of time. */
export interface LedgerCounts {
  /** Of the images that channels point at. */
  readonly sbom: Coverage;
  readonly signed: Coverage;
  readonly cveBlocks: Readonly<Record<CveBlockPlace, number>>;
  /** Null: there was none. */
  readonly promotion: Latency | null;
  readonly rollback: Latency | null;
  /** Of what clean-ups deleted, by their plans. */
  readonly deletedBytes: number;
  /** Of the disk, measured before and after each reclaim; null: none was measured. */
  readonly reclaimedBytes: number | null;
}

/** What the newest sample says, of the registry or of one repository. */
export interface StoredCounts {
  readonly images: ImageCounts;
  readonly digests: number;
  readonly storageBytes: number;
  readonly reclaimableBytes: number | null;
}

export const STANDARD_METRICS = [
  'image_count_by_env',
  'digest_unique',
  'sbom_coverage',
  'signed_artifacts',
  'cve_block_events',
  'promotion_latency_p95',
  'rollback_time_p95',
  'registry_storage_bytes',
  'gc_reclaim_bytes',
] as const;
export type StandardMetricName = (typeof STANDARD_METRICS)[number];

export interface MetricDescription {
  readonly unit: 'images' | 'digests' | 'ratio' | 'events' | 'seconds' | 'bytes';
  readonly help: string;
  readonly label?: string;
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** The standard's names (design, section 6), kept to the letter. */
export const STANDARD: Readonly<Record<StandardMetricName, MetricDescription>> = {
  image_count_by_env: {
    unit: 'images',
    label: 'env',
    help: 'Distinct images on record, by the furthest environment that their digest ever reached; - for none',
  },
  digest_unique: { unit: 'digests', help: 'Distinct manifest digests on record' },
  sbom_coverage: {
    unit: 'ratio',
    target: { atLeast: 1 },
    help: 'Share of the images that channels point at whose newest SBOM verdict passed, with evidence attached; 0 to 1',
  },
  signed_artifacts: {
    unit: 'ratio',
    target: { atLeast: 1 },
    help: 'Share of the images that channels point at whose newest signature verdict passed, with evidence attached; 0 to 1',
  },
  cve_block_events: {
    unit: 'events',
    label: 'at',
    help: 'What was stopped for its vulnerabilities in the last 30 days, by where: pull, admission, release, rescan',
  },
  promotion_latency_p95: {
    unit: 'seconds',
    target: { atMost: 1800 },
    help: 'From the request of a release to its pin as prod:stable, in seconds: 95th percentile of the last 30 days',
  },
  rollback_time_p95: {
    unit: 'seconds',
    target: { atMost: 300 },
    help: 'From the request of a rollback until prod:stable is moved back, in seconds: 95th percentile of the last 30 days, drills apart',
  },
  registry_storage_bytes: {
    unit: 'bytes',
    help: 'Blobs and manifests on record, each digest once, in bytes',
  },
  gc_reclaim_bytes: {
    unit: 'bytes',
    label: 'stage',
    help: 'planned: what the newest plan would still free; deleted: by what clean-ups deleted in the last 30 days; reclaimed: of the disk, as measured, in the last 30 days; in bytes',
  },
};

export interface MetricSample {
  /** Value of the metric's label; null where it has none. */
  readonly label: string | null;
  readonly value: number;
}

export interface StandardMetric {
  readonly name: StandardMetricName;
  /** None: not known, which is not 0. */
  readonly samples: readonly MetricSample[];
  /** What it was reckoned from; null where nothing is counted but the samples. */
  readonly of: number | null;
  /** Null: it has no target, or is not known. */
  readonly met: boolean | null;
}

type Reading = Pick<StandardMetric, 'samples' | 'of'>;

const UNKNOWN: Reading = { samples: [], of: null };

function single(value: number, of: number | null = null): Reading {
  return { samples: [{ label: null, value }], of };
}

function ratio({ have, of }: Coverage): Reading {
  return of === 0 ? { samples: [], of } : single(have / of, of);
}

function latency(one: Latency | null): Reading {
  return one === null ? { samples: [], of: 0 } : single(one.p95Ms / 1000, one.count);
}

function readLedger(counts: LedgerCounts): Partial<Record<StandardMetricName, Reading>> {
  const { sbom, signed, cveBlocks, promotion, rollback } = counts;
  return {
    sbom_coverage: ratio(sbom),
    signed_artifacts: ratio(signed),
    cve_block_events: {
      samples: CVE_BLOCK_PLACES.map((label) => ({ label, value: cveBlocks[label] })),
      of: null,
    },
    promotion_latency_p95: latency(promotion),
    rollback_time_p95: latency(rollback),
  };
}

function readStored(stored: StoredCounts): Partial<Record<StandardMetricName, Reading>> {
  const places = [...ENVIRONMENTS, NO_GROUP] as const;
  return {
    image_count_by_env: {
      samples: places.map((label) => ({ label, value: stored.images[label] })),
      of: null,
    },
    digest_unique: single(stored.digests),
    registry_storage_bytes: single(stored.storageBytes),
  };
}

function readReclaim(stored: StoredCounts | null, ledger: LedgerCounts | null): Reading {
  const planned = stored?.reclaimableBytes ?? null;
  const reclaimed = ledger?.reclaimedBytes ?? null;
  return {
    samples: [
      ...(planned === null ? [] : [{ label: 'planned', value: planned }]),
      ...(ledger === null ? [] : [{ label: 'deleted', value: ledger.deletedBytes }]),
      ...(reclaimed === null ? [] : [{ label: 'reclaimed', value: reclaimed }]),
    ],
    of: null,
  };
}

function isMet(name: StandardMetricName, { samples }: Reading): boolean | null {
  const { target } = STANDARD[name];
  const [only] = samples;
  if (!target || !only) return null;
  return 'atLeast' in target ? only.value >= target.atLeast : only.value <= target.atMost;
}

/** Every metric of the standard, in its order; of a source that could not be read (null) none has a sample. */
export function readStandard(
  stored: StoredCounts | null,
  ledger: LedgerCounts | null,
): readonly StandardMetric[] {
  const readings: Partial<Record<StandardMetricName, Reading>> = {
    ...(ledger && readLedger(ledger)),
    ...(stored && readStored(stored)),
    gc_reclaim_bytes: readReclaim(stored, ledger),
  };
  return STANDARD_METRICS.map((name) => {
    const reading = readings[name] ?? UNKNOWN;
    return { name, ...reading, met: isMet(name, reading) };
  });
}
