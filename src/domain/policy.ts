import type { AccountingPolicy } from './accounting/policy';
import type { Role } from './actor';
import type { AllowListPolicy } from './admission/allow-policy';
import type { AdvisoryPolicy } from './advisories/policy';
import type { AuthorMatch } from './authors';
import type { BasesPolicy } from './bases/family';
import type { CheckPolicy } from './continuous-check/policy';
import type { ExceptionPolicy } from './exceptions/policy';
import type { RetentionPolicy } from './gc/retention';
import type { RollupPolicy } from './rollup/policy';
import type { RiskPolicy } from './scan/risk';

/** All durations in milliseconds; ratios from 0 to 1. The defaults are deploy/policy/default.yaml. */
export interface Policy {
  readonly apiVersion: 'plura.reg/v1';
  readonly build: BuildPolicy;
  readonly scan: ScanPolicy;
  readonly signing: { readonly transparencyLog: 'required' | 'off' };
  readonly canary: CanaryPolicy;
  readonly observation: ObservationPolicy;
  readonly approval: ApprovalPolicy;
  readonly lane: LanePolicy;
  readonly rollback: RollbackPolicy;
  readonly timeouts: TimeoutPolicy;
  readonly registry: RegistryPolicy;
  /** Read it by `allowListOf`, which knows the defaults. */
  readonly admission?: AdmissionPolicy;
  /** Read it by `checkPolicyOf`, likewise. */
  readonly continuousCheck?: CheckPolicy;
  /** Read it by `advisoryPolicyOf`, likewise. */
  readonly advisories?: AdvisoryPolicy;
  /** Read it by `accountingPolicyOf`, likewise. */
  readonly accounting?: AccountingPolicy;
  /** Read it by `exceptionsOf`, likewise. */
  readonly exceptions?: ExceptionPolicy;
  /** Read it by `retentionOf`, likewise. */
  readonly retention?: RetentionPolicy;
  /** Read it by `rollupPolicyOf`, likewise. */
  readonly rollup?: RollupPolicy;
  /** Read it by `basesPolicyOf`, likewise. */
  readonly bases?: BasesPolicy;
}

export interface BuildPolicy {
  readonly requiredLabels: readonly string[];
  readonly multiStage: boolean;
  readonly refuseRoot: boolean;
  /** Base repositories that a build may start from; each base must be signed by the base custodian's key. */
  readonly bases: {
    readonly allow: readonly string[];
    readonly signatureRequired: boolean;
    /** `host[:port]` under which builders know this registry, beside the one that the worker uses; a base from elsewhere is none of ours. */
    readonly hosts?: readonly string[];
  };
  /** `https://` prefixes that ADD may fetch from, each file pinned by its checksum; none without it. */
  readonly remoteSources?: readonly string[];
  /** Adopted digests: accepted `builder.id` prefixes of the provenance; empty accepts any. */
  readonly trustedBuilders: readonly string[];
}

export interface ScanPolicy extends RiskPolicy {
  readonly databaseMaxAgeMs: number;
  /** Allowed counts by severity. `medium: 'exception'` means each needs an unexpired exception. */
  readonly critical: 0;
  readonly high: 0;
  readonly medium: 'exception' | 'allow';
  readonly unknown: 'fail' | 'exception' | 'allow';
  /** Whose signed VEX takes findings away, by the names of their keys; nobody's without it. */
  readonly vex?: { readonly keys: readonly string[] };
}

/** Absolute limits; any breach fails the step. */
export interface Guardrails {
  readonly maxErrorRatio: number;
  readonly maxP95Ms: number;
  /** Fewer requests than this in a window is inconclusive, never a pass. */
  readonly minRequests: number;
}

export interface WindowPolicy {
  /** How long one window lasts. */
  readonly windowMs: number;
  /** How often a running window is looked at, so that a breach ends it early. */
  readonly checkpointMs: number;
  /** An inconclusive window is extended this often, by its own length, then the step is held as failed. */
  readonly maxExtensions: number;
}

export interface CanaryPolicy extends WindowPolicy {
  readonly stepsPercent: readonly number[];
  readonly guardrails: Guardrails;
}

export interface ObservationPolicy extends WindowPolicy {
  /** Share of prod traffic the candidate takes while it is observed. */
  readonly candidatePercent: number;
  readonly guardrails: Guardrails;
}

export interface ApprovalPolicy {
  readonly required: boolean;
  readonly roles: readonly Role[];
  readonly quorum: number;
  readonly timeoutMs: number;
  /** An approval counts so long; without it until the release ends. */
  readonly validForMs?: number;
  readonly approverMayBeRequester: false;
  /** By what an approver is taken for the author of the commit; every way without it. */
  readonly authorMatch?: readonly AuthorMatch[];
  /** Where neither provenance nor labels name the author; `allow` without it. */
  readonly unknownAuthor?: 'allow' | 'refuse';
}

export interface LanePolicy {
  readonly maxQueued: number;
  readonly supersede: 'pending' | 'never';
}

export interface RollbackPolicy {
  readonly holdLane: boolean;
  readonly revertKeyTtlMs: number;
}

export interface TimeoutPolicy {
  readonly releaseMs: number;
  readonly buildMs: number;
  readonly scanMs: number;
  /** How long a step waits for a part that is down (registry, Postgres, Rekor, Prometheus) before it gives up. */
  readonly dependencyMs: number;
  /** How long the containers of a version may take to get ready; 30 s without it. */
  readonly readyMs?: number;
}

/** What the gateway lets in and out. */
export interface RegistryPolicy {
  /** Prefixes where tags move freely and anyone with the scope may delete; `apps`, `charts`, `channels`, `bases`, `mirror` can't be opened. */
  readonly open: readonly string[];
  /** Prefixes that may be pulled without credentials. */
  readonly anonymousPull: readonly string[];
  readonly quarantine: {
    /** A quarantined digest also blocks the indexes that hold it. */
    readonly spreadToParents: boolean;
    /** A quarantined index also blocks its manifests. */
    readonly spreadToChildren: boolean;
    /** What a channel pointed at when it was quarantined may still be pulled so long. 0 = not at all. */
    readonly runningGraceMs: number;
  };
  /** Pulls while Postgres does not answer; pushes are always refused then. */
  readonly withoutDatabase: {
    readonly pulls: 'serve' | 'refuse';
    /** How old the known quarantines and robots may get. */
    readonly maxAgeMs: number;
  };
}

/** What a cluster lets run. */
export interface AdmissionPolicy {
  readonly allowList: AllowListPolicy;
}
