import { bareUrlOf, parsePackage } from '../exceptions/package-name';
import type { ScanFinding } from './finding';

/** One line of a signed VEX document, in the words of OpenVEX; CycloneDX is read into the same. */
export interface VexStatement {
  /** The id, and its aliases. */
  readonly vulnerabilities: readonly string[];
  readonly status: 'not_affected' | 'affected' | 'fixed' | 'under_investigation';
  readonly justification: string | null;
  /** purls of the packages that it is about; empty: the whole image. */
  readonly packages: readonly string[];
  /** RFC 3339. */
  readonly at: string;
  /** Who signed it. */
  readonly keyId: string;
  /** `sha256:` of the bundle. */
  readonly source: string;
}

export interface VexFacts {
  readonly statements: readonly VexStatement[];
  /** Why documents were not believed, one sentence each. */
  readonly ignored: readonly string[];
}

export const NO_VEX: VexFacts = { statements: [], ignored: [] };

/** OpenVEX specification, "Status Justifications". */
const OPENVEX = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
];

/** CycloneDX 1.7, impactAnalysisJustification. */
const CYCLONEDX = [
  'code_not_present',
  'code_not_reachable',
  'requires_configuration',
  'requires_dependency',
  'requires_environment',
  'protected_by_compiler',
  'protected_at_runtime',
  'protected_at_perimeter',
  'protected_by_mitigating_control',
];

const JUSTIFICATIONS: ReadonlySet<string> = new Set([...OPENVEX, ...CYCLONEDX]);

function namesPackage(packages: readonly string[], finding: ScanFinding): boolean {
  if (packages.length === 0) return true;
  const found = finding.purl ?? null;
  if (found === null) return false;
  return packages.some((one) => {
    const { name, version } = parsePackage(one);
    return (
      name === bareUrlOf(found) && (version === null || version === parsePackage(found).version)
    );
  });
}

function isAbout(statement: VexStatement, finding: ScanFinding): boolean {
  const { vulnerabilities, packages, status } = statement;
  const id = finding.id.toLowerCase();
  if (!vulnerabilities.some((one) => one.toLowerCase() === id)) return false;
  // Of a finding without a purl it can't be told: then what takes back counts, and what clears does not.
  const isUnclear = status !== 'not_affected' && !finding.purl;
  return isUnclear || namesPackage(packages, finding);
}

function removes({ status, justification }: VexStatement): boolean {
  return status === 'not_affected' && justification !== null && JUSTIFICATIONS.has(justification);
}

/** Signers' clocks differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * The statement by which a finding does not count: the newest about it, and no other of the same time says otherwise. Null: it counts.
 * One that clears and is dated ahead is not heard: no correction could be newer.
 */
export function removedBy(
  { statements }: VexFacts,
  finding: ScanFinding,
  nowMs: number,
): VexStatement | null {
  const isHeard = (one: VexStatement): boolean =>
    !removes(one) || !(Date.parse(one.at) > nowMs + CLOCK_SKEW_MS);
  const about = statements.filter((one) => isAbout(one, finding) && isHeard(one));
  const times = about.map(({ at }) => Date.parse(at));
  // What can't be dated may be the newest.
  if (about.length === 0 || times.some(Number.isNaN)) return null;
  const newest = Math.max(...times);
  const last = about.filter((_, index) => times[index] === newest);
  return last.every(removes) ? (last[0] ?? null) : null;
}
