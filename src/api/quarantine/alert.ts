import type { FastifyRequest } from 'fastify';
import type { Digest } from '../../domain/digest';
import type { ApiDependencies } from '../dependencies';
import { idempotencyId, shortId } from '../request-id';

interface Alerted {
  readonly digests: readonly Digest[];
  readonly reason: string;
  readonly cves: readonly string[];
}

/** Orders the alert. False when it could not: what is in force already is not taken back for that. */
export async function alertPeople(
  { orchestrator, now }: Pick<ApiDependencies, 'orchestrator' | 'now'>,
  request: FastifyRequest,
  alerted: Alerted,
): Promise<boolean> {
  if (alerted.digests.length === 0) return false;
  const id = shortId('quarantine', idempotencyId(request));
  const by = request.actor.subject;
  try {
    await orchestrator.alertQuarantine({ id, by, at: now().toISOString(), ...alerted });
    return true;
  } catch (error) {
    request.log.error({ err: error }, 'nobody is told of a quarantine');
    return false;
  }
}
