import { isSame, isUnknown, type CheckFinding } from './finding';

/**
 * What two looks agree on. What only the first one saw was a glitch; what only the second one saw has been seen once, which
 * is not yet known.
 */
export function confirmFindings(
  first: readonly CheckFinding[],
  second: readonly CheckFinding[],
): readonly CheckFinding[] {
  return second.map((finding) => {
    const wasSeen = first.some((one) => isSame(one, finding) && one.result === finding.result);
    if (isUnknown(finding) || wasSeen) return finding;
    return { ...finding, result: 'could-not-check', reason: `seen once: ${finding.reason}` };
  });
}
