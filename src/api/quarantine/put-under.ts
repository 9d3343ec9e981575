import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import type { QuarantineEntry, QuarantinePlace } from '../../ports/quarantine';
import type { ApiDependencies } from '../dependencies';

const MAX_LOOKED_AT = 100;

type Deps = Pick<ApiDependencies, 'quarantine' | 'policy'>;

export interface PutUnder {
  readonly digest: Digest;
  readonly reason: string;
  readonly cves: readonly string[];
  readonly actor: string;
  readonly expiresAt: string | null;
}

/** In force for every gateway and webhook within a second, whatever else is done about it. */
export async function putUnder(
  deps: Deps,
  { digest, reason, cves, actor, expiresAt }: PutUnder,
  now: Date,
): Promise<{ readonly entry: QuarantineEntry; readonly places: readonly QuarantinePlace[] }> {
  const places = await deps.quarantine.places(digest);
  const entry = await deps.quarantine.add({
    ...{ digest, reason, actor, expiresAt },
    cves: [...new Set(cves)],
    at: now.toISOString(),
    graceUntil: await graceOf(deps, digest, places, now),
  });
  return { entry, places };
}

/** Some channel points at it, at an index around it, or at an image in it. */
export async function isRunning(
  { quarantine }: Pick<Deps, 'quarantine'>,
  digest: Digest,
  places: readonly QuarantinePlace[],
): Promise<boolean> {
  const around = [...new Set([digest, ...places.map((place) => place.digest)])];
  for (const one of around.slice(0, MAX_LOOKED_AT)) {
    if (await quarantine.isRunning(one)) return true;
  }
  return false;
}

/**
 * What runs may be pulled a while longer, so that a node that restarts does not lose it before its successor is out. A channel
 * mostly points at an index, and the quarantine may be about one of its images.
 */
async function graceOf(
  deps: Deps,
  digest: Digest,
  places: readonly QuarantinePlace[],
  now: Date,
): Promise<string | null> {
  const { runningGraceMs } = deps.policy.registry.quarantine;
  if (runningGraceMs === 0 || !(await isRunning(deps, digest, places))) return null;
  return new Date(now.getTime() + runningGraceMs).toISOString();
}

/** @throws ReleaseError INVALID_INPUT */
export function readExpiry(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const at = new Date(text);
  if (at.getTime() > now.getTime()) return at.toISOString();
  throw new ReleaseError('INVALID_INPUT', `${text} has passed already`, {
    details: { field: 'expiresAt', remedy: 'name a time to come, or leave it out' },
  });
}
