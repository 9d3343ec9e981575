import type { Json } from '../verdict';
import type { AdmissionFault, ImageRule } from './fault';
import type { WhyCheck, WhyStep } from './why';

/** What `why` tells of an image beside the allow-list, in this order. */
export const EVIDENCE_CHECKS = ['cve', 'signature', 'sbom', 'provenance'] as const;
export type EvidenceCheck = (typeof EVIDENCE_CHECKS)[number];

const CHECK_OF: Readonly<Partial<Record<ImageRule, EvidenceCheck>>> = {
  released: 'cve',
  binding: 'cve',
  'cve-verdict': 'cve',
  sbom: 'sbom',
  provenance: 'provenance',
};

/** Of a part that did not answer: the ledger has the verdicts, everything else is about what was signed. */
function checksOf({ rule, unknown }: AdmissionFault): readonly EvidenceCheck[] {
  if (rule === 'internal') return EVIDENCE_CHECKS;
  if (unknown === 'ledger') return ['cve'];
  if (unknown !== undefined) return ['signature', 'sbom', 'provenance'];
  return [CHECK_OF[rule] ?? 'signature'];
}

function toStep(check: WhyCheck, { rule, message, unknown }: AdmissionFault): WhyStep {
  const isKnown = unknown === undefined && rule !== 'internal';
  return { check, state: isKnown ? 'lacks' : 'unknown', text: message };
}

/**
 * A step for each fault that admission found, and for each check without one what holds. What nobody could say is unknown: it is
 * never left out.
 */
export function evidenceSteps(
  faults: readonly AdmissionFault[],
  holds: Readonly<Record<EvidenceCheck, string | null>>,
): readonly WhyStep[] {
  return EVIDENCE_CHECKS.flatMap((check): readonly WhyStep[] => {
    const found = faults.filter((fault) => checksOf(fault).includes(check));
    if (found.length > 0) return found.map((fault) => toStep(check, fault));
    const text = holds[check];
    return text === null
      ? [{ check, state: 'unknown', text: 'it could not be read a second time' }]
      : [{ check, state: 'ok', text }];
  });
}

/** Whether what stands beside the allow-list lets it run. */
export type EvidenceState = 'holds' | 'fails' | 'unknown';

export function evidenceStateOf(steps: readonly Pick<WhyStep, 'state'>[]): EvidenceState {
  const states = steps.map(({ state }) => state);
  if (states.includes('lacks')) return 'fails';
  return states.includes('unknown') ? 'unknown' : 'holds';
}

/** `advisories of …, excepted: …` of a scan's evidence, as far as it says. */
export function describeScanEvidence(evidence: Json): string {
  if (typeof evidence !== 'object' || evidence === null || Array.isArray(evidence)) return '';
  const { database = null, excepted = [] } = evidence as Readonly<Record<string, Json>>;
  const isRecord = typeof database === 'object' && database !== null && 'updatedAt' in database;
  const updatedAt = isRecord ? database.updatedAt : null;
  const advisories = typeof updatedAt === 'string' ? updatedAt : 'a time that is not recorded';
  const exceptions = Array.isArray(excepted) ? (excepted as readonly Json[]) : [];
  const names = exceptions.filter((one) => typeof one === 'string');
  return `advisories of ${advisories}${names.length > 0 ? `; excepted: ${names.join(', ')}` : ''}`;
}
