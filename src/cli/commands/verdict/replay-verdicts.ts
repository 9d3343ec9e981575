import { readEvidence } from '../../../contract/schema/window-evidence';
import type { WindowEvidence } from '../../../domain/evidence';
import { replayEvidence } from '../../../domain/evidence-replay';
import type { Gate, VerdictOutcome } from '../../../domain/verdict';

/** A verdict of a server or a file, as far as a replay needs it. */
export interface ReplayableVerdict {
  readonly gate: Gate;
  readonly subject: string;
  readonly outcome: VerdictOutcome;
  readonly evidence?: unknown;
}

export interface ReplayedVerdict {
  readonly gate: Gate;
  readonly subject: string;
  readonly outcome: VerdictOutcome;
  /** `not-kept`: of a version that kept no samples, or taken out for its size. */
  readonly result: 'same' | 'different' | 'unreadable' | 'not-kept';
  readonly differences: readonly string[];
}

export interface ReplayAnswer {
  /** Every window that could be judged again gave the same answer. */
  readonly same: boolean;
  /** How many could. */
  readonly replayed: number;
  readonly verdicts: readonly ReplayedVerdict[];
}

/** Judges every window again from its own samples; gates that judge no window are left out. */
export function replayVerdicts(
  verdicts: readonly ReplayableVerdict[],
  digest: string | undefined,
): ReplayAnswer {
  const replayed = verdicts
    .filter(({ gate }) => gate === 'canary' || gate === 'observation')
    .map((verdict) => replayVerdict(verdict, digest));
  const kept = replayed.filter(({ result }) => result !== 'not-kept');
  return {
    same: kept.every(({ result }) => result === 'same'),
    replayed: kept.length,
    verdicts: replayed,
  };
}

function replayVerdict(
  { gate, subject, outcome, evidence }: ReplayableVerdict,
  digest: string | undefined,
): ReplayedVerdict {
  const base = { gate, subject, outcome };
  const read = readEvidence(evidence);
  switch (read.kind) {
    case 'unreadable':
      return { ...base, result: 'unreadable', differences: [read.why] };
    case 'window': {
      const differences = [
        ...compareFrame(read.evidence, outcome, digest),
        ...replayEvidence(read.evidence).differences,
      ];
      return { ...base, result: differences.length === 0 ? 'same' : 'different', differences };
    }
    default:
      return { ...base, result: 'not-kept', differences: [] };
  }
}

/** The evidence has to be this verdict's own. */
function compareFrame(
  evidence: WindowEvidence,
  outcome: VerdictOutcome,
  digest: string | undefined,
): readonly string[] {
  const { answer, digests } = evidence;
  return [
    ...(answer.outcome === outcome
      ? []
      : [`the verdict is ${outcome}, its evidence says ${answer.outcome}`]),
    ...(digest === undefined || digests.candidate === digest
      ? []
      : [`the evidence is about ${digests.candidate}, not about ${digest}`]),
  ];
}
