import type { ScanPolicy } from '../policy';
import type { ScanFinding } from '../scan/finding';
import type { ScanInput } from '../scan/input';
import { distrustDatabase } from '../scan-gate';
import type { Json } from '../verdict';

export interface BaseScanInput {
  readonly findings: readonly ScanFinding[];
  readonly database: ScanInput['database'];
  readonly scannerVersion: string;
  readonly policy: ScanPolicy;
  /** Who said that what is found may stay; null: nobody. */
  readonly acceptedBy: string | null;
  /** RFC 3339. */
  readonly now: string;
}

export interface BaseScan {
  /** Why it is not imported; null when it is. */
  readonly refused: string | null;
  readonly evidence: Json;
}

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] as const;
const MAX_NAMED = 20;

/**
 * Critical and High keep a base out, for every image built on it would be kept out. What is less is for the gate of each release, with the
 * exceptions of its service. A database that can't be believed says nothing.
 */
export function judgeBaseScan(input: BaseScanInput): BaseScan {
  const { findings, database, scannerVersion, acceptedBy } = input;
  const bad = findings.filter(({ severity }) => severity === 'CRITICAL' || severity === 'HIGH');
  const named = [...new Set(bad.map((one) => `${one.id} ${one.packageName}`))];
  const evidence: Json = {
    scanner: scannerVersion,
    database: { digest: database.digest, updatedAt: database.updatedAt },
    counts: Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity.toLowerCase(),
        findings.filter((one) => one.severity === severity).length,
      ]),
    ),
    critical: named.slice(0, MAX_NAMED),
    acceptedBy,
  };
  const distrust = distrustDatabase(input);
  if (distrust !== null) return { refused: distrust, evidence };
  if (bad.length === 0 || acceptedBy !== null) return { refused: null, evidence };
  const more = named.length > MAX_NAMED ? ` and ${named.length - MAX_NAMED} more` : '';
  return {
    refused: `It has ${bad.length} Critical or High: ${named.slice(0, MAX_NAMED).join(', ')}${more}`,
    evidence,
  };
}
