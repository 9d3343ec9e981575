import type { AdmissionDependency } from './fault';

/** How the webhook works: deploy/admission/default.yaml. Durations in milliseconds. */
export interface AdmissionSettings {
  readonly apiVersion: 'plura.reg/v1';
  /** `host[:port]` of our registry, every name under which pods may know it. */
  readonly registries: readonly string[];
  /** Longest that a review takes; the API server's own `timeout` shortens it. */
  readonly deadlineMs: number;
  /** Longest that one part, such as the registry, is waited for. Shorter than the deadline, so that why it failed can be told. */
  readonly dependencyMs: number;
  /** A scan verdict older than this says nothing of today's vulnerabilities. */
  readonly verdictMaxAgeMs: number;
  /** Prefixes of the source repository that the provenance names; empty accepts any. */
  readonly trustedSources: readonly string[];
  readonly cache: {
    readonly goodMs: number;
    readonly badMs: number;
    readonly entries: number;
  };
  readonly limits: {
    /** Reviews in progress at a time; more are turned away with 503. */
    readonly reviews: number;
    /** Their bodies together. */
    readonly bodyBytes: number;
    readonly imagesPerReview: number;
    readonly bundlesPerImage: number;
    readonly bundleBytes: number;
    readonly childrenPerImage: number;
  };
  readonly breakGlass: BreakGlassSettings;
}

export interface BreakGlassSettings {
  readonly groups: readonly string[];
  readonly users: readonly string[];
  /** Uses in a namespace in an hour, by each replica. 0 = never. */
  readonly perHour: number;
  /** Which parts may be down; a judgement is never covered. */
  readonly covers: readonly AdmissionDependency[];
}

/** What the checks of an image go by, wherever it is checked. */
export type VerifySettings = Pick<
  AdmissionSettings,
  'dependencyMs' | 'verdictMaxAgeMs' | 'trustedSources' | 'limits' | 'cache'
>;

const MIB = 1024 * 1024;

/** For who checks images without the webhook's file; deploy/admission/default.yaml says the same. */
export const DEFAULT_VERIFY_SETTINGS: VerifySettings = {
  dependencyMs: 3_000,
  verdictMaxAgeMs: 7 * 86_400_000,
  trustedSources: [],
  cache: { goodMs: 60_000, badMs: 5_000, entries: 100_000 },
  limits: {
    reviews: 256,
    bodyBytes: 256 * MIB,
    imagesPerReview: 100,
    bundlesPerImage: 64,
    bundleBytes: 64 * MIB,
    childrenPerImage: 50,
  },
};
