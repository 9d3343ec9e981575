import type { Json } from '../verdict';
import { describeCovered, listCovered, MAX_LISTED, type CoveredFinding } from './covered';
import type { ScanFinding } from './finding';
import type { ScanInput } from './input';
import type { ListFacts } from './risk';
import type { VexStatement } from './vex';

export interface JudgedFinding {
  readonly finding: ScanFinding;
  /** Why it stops the release; null when it does not. */
  readonly refused: string | null;
  readonly covered: CoveredFinding | null;
}

export interface RemovedFinding {
  readonly finding: ScanFinding;
  readonly by: VexStatement;
}

const MAX_IGNORED = 20;

function describePackage({ packageName, installedVersion }: ScanFinding): string {
  return `${packageName}@${installedVersion}`;
}

function listEvidence(list: ListFacts | null): Json {
  return list && { digest: list.digest, updatedAt: list.updatedAt };
}

function riskEvidence({ policy, risk }: ScanInput): Readonly<Record<string, Json>> {
  if (!policy.kev && !policy.epss) return {};
  return {
    lists: { kev: listEvidence(risk?.kev ?? null), epss: listEvidence(risk?.epss ?? null) },
  };
}

function vexEvidence(
  { policy, vex }: ScanInput,
  removed: readonly RemovedFinding[],
): Readonly<Record<string, Json>> {
  if (!policy.vex) return {};
  const lines = removed.slice(0, MAX_LISTED).map(({ finding, by }) => {
    const { justification, keyId, source } = by;
    return `${finding.id} in ${describePackage(finding)}: ${justification ?? ''}, signed by ${keyId} in ${source}`;
  });
  const ignored = (vex?.ignored ?? []).slice(0, MAX_IGNORED);
  return { vex: { removed: lines, removedCount: removed.length, ignored } };
}

/** What was found and by what it was judged, as the ledger keeps it. */
export function evidenceOf(
  input: ScanInput,
  judged: readonly JudgedFinding[],
  removed: readonly RemovedFinding[],
): Json {
  const count = (severity: ScanFinding['severity']): number =>
    input.findings.filter((finding) => finding.severity === severity).length;
  const { digest, updatedAt, canaryFound } = input.database;
  const covered = listCovered(judged.flatMap((one) => one.covered ?? []));
  return {
    scanner: input.scannerVersion,
    database: { digest, updatedAt, canaryFound },
    ...riskEvidence(input),
    counts: {
      critical: count('CRITICAL'),
      high: count('HIGH'),
      medium: count('MEDIUM'),
      low: count('LOW'),
      unknown: count('UNKNOWN'),
    },
    refused: judged
      .filter((one) => one.refused !== null)
      .slice(0, MAX_LISTED)
      .map(({ finding }) => `${finding.id} ${describePackage(finding)}`),
    excepted: covered.map(describeCovered),
    covered: covered.map((one) => ({ ...one })),
    ...vexEvidence(input, removed),
  };
}
