import { ReleaseError } from '../../contract/errors';
import type { RollbackTarget } from '../../contract/messages';
import type { RollbackRequest } from '../../contract/schema/api-rollback';
import { revertKeySecretHash } from '../../contract/schema/revert-key';
import type { Digest } from '../../domain/digest';
import { appRepository, channelName, type Channel } from '../../domain/reference';
import type { Service } from '../../domain/service';
import { parseChannelInput, parseDigestInput } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';

/** A target as the workflow takes it, with the digest it comes to as known now. */
export interface ChosenTarget {
  readonly target: RollbackTarget;
  readonly from: Digest;
  readonly to: Digest;
}

const STABLE: Channel = { env: 'prod', tag: 'stable' };
const HISTORY_LIMIT = 100;

/** Checks what the request names; the rollback's own pre-flight checks the digest's content. */
export async function chooseTarget(
  deps: ApiDependencies,
  service: Service,
  request: RollbackRequest,
): Promise<ChosenTarget> {
  const named = parseTo(request.to);
  if (named && request.revertKey !== undefined) {
    throw new ReleaseError('INVALID_INPUT', 'A revert key says by itself where it goes back to', {
      details: { field: 'to', remedy: 'give a digest or a revert key, not both' },
    });
  }
  const from = (await deps.ledger.getChannel(service.svc, STABLE))?.digest ?? null;
  if (from === null) throw noTarget(service, 'prod:stable is empty', 'repo');
  if (request.revertKey !== undefined) return byRevertKey(deps, service, from, request.revertKey);
  if (named) return byDigest(deps, service, from, named);
  return toPrevious(deps, service, from);
}

/** `prod:stable` or `prod:stable@sha256:…`. */
function parseTo(to: string): Digest | null {
  const [channel = '', digest, ...rest] = to.split('@');
  if (rest.length > 0 || channelName(parseChannelInput(channel, 'to')) !== 'prod:stable') {
    throw new ReleaseError('INVALID_INPUT', `"${to}" is not prod:stable or prod:stable@sha256:…`, {
      details: { field: 'to', remedy: 'only prod:stable is rolled back' },
    });
  }
  return digest === undefined ? null : parseDigestInput(digest, 'to');
}

async function byRevertKey(
  deps: ApiDependencies,
  service: Service,
  from: Digest,
  secret: string,
): Promise<ChosenTarget> {
  const key = await deps.ledger.findRevertKey(revertKeySecretHash(secret));
  if (!key || key.svc !== service.svc) throw keyInvalid('It is not a key of this service');
  if (key.usedAt !== null) throw keyInvalid(`It was used at ${key.usedAt}`);
  if (Date.parse(key.expiresAt) <= deps.now().getTime()) {
    throw keyInvalid(`It expired at ${key.expiresAt}`);
  }
  if (key.from !== from) throw keyInvalid('Its pin is not prod:stable any more');
  return { target: { kind: 'revert-key', keyId: key.keyId }, from, to: key.to };
}

async function byDigest(
  deps: ApiDependencies,
  service: Service,
  from: Digest,
  digest: Digest,
): Promise<ChosenTarget> {
  if (digest === from) throw noTarget(service, `${digest} is prod:stable already`, 'to');
  const past = await deps.ledger.pastDigests(service.svc, STABLE, HISTORY_LIMIT);
  if (!past.includes(digest)) throw noTarget(service, `${digest} never was prod:stable`, 'to');
  if (await deps.ledger.isQuarantined(digest)) {
    throw new ReleaseError('QUARANTINED', `${digest} is quarantined`, {
      details: { field: 'to', remedy: 'choose another digest of the history' },
    });
  }
  const repository = appRepository(service.svc, service.name);
  if ((await deps.registry.resolve(repository, digest)) === null) {
    throw new ReleaseError('DIGEST_NOT_FOUND', `${repository} has no ${digest} any more`, {
      details: { field: 'to', remedy: 'choose another digest of the history' },
    });
  }
  return { target: { kind: 'digest', digest }, from, to: digest };
}

async function toPrevious(
  deps: ApiDependencies,
  service: Service,
  from: Digest,
): Promise<ChosenTarget> {
  const past = await deps.ledger.pastDigests(service.svc, STABLE, HISTORY_LIMIT);
  for (const digest of past.filter((one) => one !== from)) {
    const bad = await deps.ledger.findBad(service.svc, digest);
    if (!bad && !(await deps.ledger.isQuarantined(digest))) {
      return { target: { kind: 'previous' }, from, to: digest };
    }
  }
  throw noTarget(service, 'no other digest was prod:stable and is good', 'repo');
}

function noTarget(service: Service, why: string, field: string): ReleaseError {
  return new ReleaseError('NO_ROLLBACK_TARGET', `Cannot roll back ${service.svc}: ${why}`, {
    details: { field, remedy: `see what was stable: plura reg history ${service.svc}` },
  });
}

function keyInvalid(why: string): ReleaseError {
  return new ReleaseError('REVERT_KEY_INVALID', `The revert key does not work: ${why}`, {
    details: { field: 'revertKey', remedy: 'roll back without a key (role operator)' },
  });
}
