import { failureReason } from '../../contract/error-reason';
import { ReleaseError, type ErrorCode } from '../../contract/errors';
import {
  earlier,
  type AdmissionDependency,
  type AdmissionFault,
  type ImageRule,
} from '../../domain/admission/fault';
import type { Digest } from '../../domain/digest';
import { within } from '../time-limit';

/** What one check found. */
export interface Finding {
  readonly faults: readonly AdmissionFault[];
  /** False when something could not be found out: it may be otherwise a moment later. */
  readonly complete: boolean;
  /** RFC 3339: it holds no longer than that. */
  readonly expiresAt: string | null;
  /** The image, and of an index what a node may run of it; each may be quarantined by itself. */
  readonly covers: readonly Digest[];
}

export const CLEAN: Finding = { faults: [], complete: true, expiresAt: null, covers: [] };

export function faulty(rule: ImageRule, ...messages: readonly string[]): Finding {
  return { ...CLEAN, faults: messages.map((message) => ({ rule, message })) };
}

/** What is no longer so, though the image is as it was (AdmissionFault.lapse). */
export function lapsed(rule: ImageRule, ...messages: readonly string[]): Finding {
  return { ...CLEAN, faults: messages.map((message) => ({ rule, message, lapse: true })) };
}

/** All of them together. */
export function joined(findings: readonly Finding[]): Finding {
  return {
    faults: findings.flatMap(({ faults }) => faults),
    complete: findings.every(({ complete }) => complete),
    expiresAt: findings.reduce<string | null>((end, one) => earlier(end, one.expiresAt), null),
    covers: findings.flatMap(({ covers }) => covers),
  };
}

const DOWN: Partial<Record<ErrorCode, AdmissionDependency>> = {
  REGISTRY_UNAVAILABLE: 'registry',
  LEDGER_UNAVAILABLE: 'ledger',
  SIGNER_UNAVAILABLE: 'signer',
  LOG_UNAVAILABLE: 'log',
  ROLLOUT_UNAVAILABLE: 'cluster',
};

const JUDGED: Partial<Record<ErrorCode, ImageRule>> = {
  DIGEST_NOT_FOUND: 'present',
  INVALID_INPUT: 'malformed',
  ATTESTATION_INVALID: 'malformed',
  SIGNATURE_INVALID: 'signature',
};

const NAMES: Record<AdmissionDependency, string> = {
  registry: 'The registry',
  ledger: 'The ledger (Postgres)',
  signer: 'The keys',
  log: "The transparency log's trusted root",
  cluster: 'The cluster',
};

/** Nothing is let in by an error: it is a judgement, or something that could not be known, or a bug. */
export function findingOf(error: unknown, { asked, onBug }: Settling): Finding {
  const code = error instanceof ReleaseError ? error.code : 'INTERNAL';
  const rule = JUDGED[code];
  if (rule) return faulty(rule, failureReason(error));
  const down = code === 'TIMED_OUT' ? asked : DOWN[code];
  if (!down) onBug(error);
  const fault: AdmissionFault = down
    ? {
        rule: 'not-known',
        message: `${NAMES[down]} could not be asked: ${failureReason(error)}`,
        unknown: down,
      }
    : { rule: 'internal', message: 'The check itself failed; see the log of the webhook.' };
  return { ...CLEAN, faults: [fault], complete: false };
}

export interface Settling {
  /** The part that is asked, should it not answer in time. */
  readonly asked: AdmissionDependency;
  readonly limitMs: number;
  /** Told of bugs only. */
  readonly onBug: (error: unknown) => void;
}

/** Runs a check to its end, whatever that is; never throws. */
export async function settle(check: () => Promise<Finding>, settling: Settling): Promise<Finding> {
  try {
    return await within(check(), settling.limitMs, NAMES[settling.asked]);
  } catch (error) {
    return findingOf(error, settling);
  }
}
