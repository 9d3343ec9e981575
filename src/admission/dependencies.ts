import type { Logger } from 'pino';
import type { AdmissionFault } from '../domain/admission/fault';
import type { Breach } from '../domain/admission/guardrails/guardrail';
import type { ImagePosition } from '../domain/admission/image-positions';
import type { AdmissionSettings } from '../domain/admission/settings';
import type { PodTemplate } from '../domain/admission/workload';
import type { ImageRef } from '../domain/reference';
import type { RegistryEvent } from '../ports/inventory';
import type { Registry } from '../ports/registry';
import type { BreakGlass } from './break-glass/break-glass';
import type { AnswerCache, Answer } from './cache/answer-cache';
import type { AdmissionMetrics } from './metrics';
import type { Standing } from './state/standing';
import type { ImageVerifier, Verification } from './verify/image-verifier';
import type { KeySet } from './verify/key-set';

export interface GuardrailFindings {
  readonly denied: readonly Breach[];
  readonly warnings: readonly Breach[];
  readonly audited: readonly Breach[];
  /** Of rules that would refuse: what they need to know and nobody could say. */
  readonly unread: readonly AdmissionFault[];
}

/** What objects say of their pods, and whether these keep the guardrails. */
export interface Workloads {
  /**
   * Null: it makes no pods that we know of.
   *
   * @throws ReleaseError INVALID_INPUT with the path of what has a wrong type
   */
  podTemplateOf(object: Readonly<Record<string, unknown>>): PodTemplate | null;
  imagesOf(template: PodTemplate): readonly ImagePosition[];
  judgeGuardrails(subject: {
    readonly namespace: string;
    readonly template: PodTemplate;
  }): Promise<GuardrailFindings>;
}

export interface AllowQuery extends ImageRef {
  readonly namespace: string;
}

export interface AllowAnswer {
  readonly allowed: boolean;
  /** One sentence each. */
  readonly reasons: readonly string[];
  /** RFC 3339: allowed until then at the longest. */
  readonly expiresAt: string | null;
  /** Of the allow-list that it was judged by. */
  readonly revision: number;
}

/** The allow-list. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface AllowSource {
  judge(query: AllowQuery): Promise<AllowAnswer>;
}

/** Everything the webhook decides by. */
export interface AdmissionDependencies {
  readonly workloads: Workloads;
  readonly allow: AllowSource;
  readonly verifier: ImageVerifier;
  readonly registry: Pick<Registry, 'resolve'>;
  /** Reads of the registry in it belong together, and may share what the registry said; nothing of that outlasts it. */
  readonly inReview: <T>(work: () => Promise<T>) => Promise<T>;
  readonly standing: Standing;
  readonly keys: KeySet;
  readonly allowCache: AnswerCache<Answer & AllowAnswer>;
  readonly verificationCache: AnswerCache<Verification>;
  readonly breakGlass: BreakGlass;
  /** What was refused, for the record. Never waits and never throws. */
  readonly events: { add(event: RegistryEvent): void };
  readonly settings: AdmissionSettings;
  /** Of policy and settings: answers by other rules do not count. */
  readonly policyHash: string;
  readonly metrics: AdmissionMetrics;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => Date;
}
