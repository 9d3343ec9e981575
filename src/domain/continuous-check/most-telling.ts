import { isUnknown, type CheckFinding } from './finding';

/**
 * What is kept first. A doubt stands before what it puts in doubt: cut off, it would leave a failure that looks certain, and
 * that is acted on.
 */
function rankOf(finding: CheckFinding): number {
  const { where } = finding;
  if (isUnknown(finding) && (where.includes('prod:stable') || where.includes('prod'))) return 0;
  if (where.includes('prod:stable')) return 1;
  return isUnknown(finding) ? 2 : 3;
}

function keyOf({ check, result, digest, where }: CheckFinding): string {
  return [check, result, digest ?? '', ...where].join(' ');
}

/** One finding for each check, result, digest and place, with the reasons of all; at most `max`, the most telling ones. */
export function mostTelling(
  findings: readonly CheckFinding[],
  max: number,
): readonly CheckFinding[] {
  const merged = new Map<string, CheckFinding>();
  for (const finding of findings) {
    const known = merged.get(keyOf(finding));
    const reason = known ? `${known.reason} ${finding.reason}` : finding.reason;
    merged.set(keyOf(finding), { ...finding, reason });
  }
  return [...merged.values()].toSorted((one, two) => rankOf(one) - rankOf(two)).slice(0, max);
}
