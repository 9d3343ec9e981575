import { ReleaseError } from '../src/contract/errors';
import { judgeAllowed, refusalsOf } from '../src/domain/admission/allow-list';
import { allowListOf } from '../src/domain/admission/allow-policy';
import { anyNamespaceOf } from '../src/domain/admission/namespaces';
import { judgeTarget, type TargetLook } from '../src/domain/continuous-check/target';
import { shortDigest, type Digest } from '../src/domain/digest';
import { appRepository } from '../src/domain/reference';
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

/** Why admission would keep it out of prod, whatever is signed and scanned; null when it would not. */
async function whyKeptOut(
  { allowList, now, policy }: CheckDeps,
  { svc, name }: Service,
  digest: Digest,
): Promise<string | null> {
  const repository = appRepository(svc, name);
  const rules = allowListOf(policy);
  const namespace = anyNamespaceOf('prod', rules.namespaces) ?? '';
  const facts = await allowList.facts({ repository, digest });
  const query = { repository, digest, namespace, nowMs: now().getTime() };
  return refusalsOf(judgeAllowed(facts, rules, query))[0]?.text ?? null;
}

/** A clean one before a newer one of which something has lapsed: admission may keep that out. */
export async function findVerifiedStable(
  deps: CheckDeps,
  input: FindTargetInput,
): Promise<TargetLook> {
  const service = serviceOf(deps, input.svc);
  const candidates = await candidatesOf(deps, input);
  const refused: string[] = [];
  let othersFail = false;
  let lapsed: TargetLook | null = null;
  for (const digest of candidates.slice(0, MAX_LOOKED_AT)) {
    const named = (reason: string): string => `${shortDigest(digest)}: ${reason}`;
    const keptOut = await whyKeptOut(deps, service, digest);
    if (keptOut !== null) {
      refused.push(named(keptOut));
      continue;
    }
    const findings = await verifyDigest(deps, service, { digest, where: [] });
    const verdict = judgeTarget(findings, input);
    if (verdict.kind === 'verified') return { kind: 'verified', digest };
    const reason = named(verdict.reason);
    if (verdict.kind === 'doubtful') lapsed ??= { kind: 'verified', digest, doubt: reason };
    if (verdict.kind === 'unknown' && !lapsed) return { kind: 'unknown', reason };
    if (verdict.kind !== 'refused') continue;
    refused.push(reason);
    othersFail = true;
  }
  if (lapsed) return lapsed;
  const reason =
    refused.length > 0
      ? `no former prod:stable passes: ${refused.join(' ')}`
      : 'there is no former prod:stable that is not bad';
  return { kind: 'none', reason, othersFail };
}
