import { ReleaseError } from '../src/contract/errors';
import { judgeTarget, type TargetLook } from '../src/domain/continuous-check/target';
import { shortDigest, type Digest } from '../src/domain/digest';
import type { Service } from '../src/domain/service';
import type { CheckDeps, FindTargetInput } from './continuous-check';
import { verifyDigest } from './continuous-check-digest';

/** How far back it is looked. What is older is hardly what anyone wants back at night. */
const MAX_PAST = 20;
/** Each costs as much as a check of what runs. */
const MAX_LOOKED_AT = 5;

/** @throws ReleaseError UNKNOWN_SERVICE when it has left the catalogue since. */
export function serviceOf({ services }: Pick<CheckDeps, 'services'>, svc: string): Service {
  const service = services.find((one) => one.svc === svc);
  if (service) return service;
  throw new ReleaseError('UNKNOWN_SERVICE', `${svc} is not in the catalogue`);
}

/** Newest first, without what is remembered as bad. */
async function candidatesOf(
  { ledger }: CheckDeps,
  { svc, from }: FindTargetInput,
): Promise<readonly Digest[]> {
  const past = await ledger.pastDigests(svc, { env: 'prod', tag: 'stable' }, MAX_PAST);
  const bad = await Promise.all(past.map((digest) => ledger.findBad(svc, digest)));
  return past.filter((digest, index) => digest !== from && !bad[index]);
}

export async function findVerifiedStable(
  deps: CheckDeps,
  input: FindTargetInput,
): Promise<TargetLook> {
  const service = serviceOf(deps, input.svc);
  const candidates = await candidatesOf(deps, input);
  const refused: string[] = [];
  for (const digest of candidates.slice(0, MAX_LOOKED_AT)) {
    const findings = await verifyDigest(deps, service, { digest, where: [] });
    const verdict = judgeTarget(findings, input);
    if (verdict.kind === 'verified') return { kind: 'verified', digest };
    const reason = `${shortDigest(digest)}: ${verdict.reason}`;
    if (verdict.kind === 'unknown') return { kind: 'unknown', reason };
    refused.push(reason);
  }
  const reason =
    refused.length > 0
      ? `no former prod:stable passes: ${refused.join(' ')}`
      : 'there is no former prod:stable that is not bad';
  return { kind: 'none', reason, othersFail: refused.length > 0 };
}
