import type { DigestActs } from '../src/domain/advisories/case-action';
import type { AdvisoryCaseDeps } from './advisory-case';
import { ACTOR, audit, isOfCase } from './advisory-case-blocks';

/** False when no case has it blocked. */
async function liftOne(
  deps: AdvisoryCaseDeps,
  advisory: string,
  { digest, acts }: DigestActs,
): Promise<boolean> {
  const { allowList, quarantine, now } = deps;
  const at = now().toISOString();
  // Of the digest alone, whatever repository it is asked for.
  const [held, { denials }] = await Promise.all([
    quarantine.get(digest),
    allowList.facts({ repository: '', digest }),
  ]);
  const isCut = held !== null && isOfCase(held.actor, held.reason);
  const isDenied = denials.some((one) => one.digest === digest && isOfCase(one.by, one.reason));
  if (!isCut && !isDenied && acts.length === 0) return false;
  await audit(deps, 'advisory.lift', { advisory, digest, at });
  const reason = `${advisory} does not affect it`;
  // By the condition, since a person may have taken it over since it was looked at.
  if (isCut) await quarantine.lift(digest, ACTOR, reason, at, ACTOR);
  if (isDenied) await allowList.liftDenial(digest, ACTOR, reason, at, ACTOR);
  return true;
}

/** How many of these are free again: those that a case had blocked and that no other case wants blocked. */
export async function liftDigests(
  deps: AdvisoryCaseDeps,
  advisory: string,
  hit: readonly DigestActs[],
): Promise<number> {
  const { advisoryCases: cases } = deps;
  const digests = hit.map(({ digest }) => digest);
  const wanted = new Set(await cases.wantedByOthers(advisory, digests));
  let lifted = 0;
  for (const one of hit) {
    if (wanted.has(one.digest)) continue;
    if (await liftOne(deps, advisory, one)) lifted += 1;
  }
  return lifted;
}

/** Called not affected: likewise all of it, also of what a case blocked that was called so before and left it to this one. */
export async function liftActs(
  deps: AdvisoryCaseDeps,
  advisory: string,
): Promise<{ readonly lifted: number }> {
  const hit = await deps.advisoryCases.acts(advisory);
  return { lifted: await liftDigests(deps, advisory, hit) };
}
