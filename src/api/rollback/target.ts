import { ReleaseError } from '../../contract/errors';
import type { RollbackTarget } from '../../contract/messages';
import type { RollbackRequest } from '../../contract/schema/api-rollback';
import { revertKeySecretHash } from '../../contract/schema/revert-key';
import type { Digest } from '../../domain/digest';
import { appRepository, channelName, type Channel } from '../../domain/reference';
import { chooseRollbackTarget, type WantedTarget } from '../../domain/rollback';
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

/** Checks what the request names by the rollback's own rules; its pre-flight looks at the content. */
export async function chooseTarget(
  deps: ApiDependencies,
  service: Service,
  request: RollbackRequest,
): Promise<ChosenTarget> {
  const { wanted, target, field } = await readTarget(deps, request);
  const current = (await deps.ledger.getChannel(service.svc, STABLE))?.digest ?? null;
  const past = await deps.ledger.pastDigests(service.svc, STABLE, HISTORY_LIMIT);
  const bad = await findBadAmong(deps, service, toLookAt(wanted, current, past));
  const nowMs = deps.now().getTime();
  const choice = chooseRollbackTarget(wanted, { svc: service.svc, current, past, bad, nowMs });
  if (!choice.chosen) {
    throw new ReleaseError(choice.code, choice.message, {
      details: { field, remedy: `see what was stable: plura reg history ${service.svc}` },
    });
  }
  await requireUsable(deps, service, choice.to, field);
  return { target, from: choice.from, to: choice.to };
}

interface Wish {
  readonly wanted: WantedTarget;
  readonly target: RollbackTarget;
  readonly field: string;
}

async function readTarget(deps: ApiDependencies, request: RollbackRequest): Promise<Wish> {
  const digest = parseTo(request.to);
  if (request.revertKey !== undefined) {
    if (digest) {
      throw new ReleaseError('INVALID_INPUT', 'A revert key says by itself where it goes back to', {
        details: { field: 'to', remedy: 'give a digest or a revert key, not both' },
      });
    }
    const key = await deps.ledger.findRevertKey(revertKeySecretHash(request.revertKey));
    const target = { kind: 'revert-key', keyId: key?.keyId ?? '' } as const;
    return { wanted: { kind: 'revert-key', key }, target, field: 'revertKey' };
  }
  const target = digest ? ({ kind: 'digest', digest } as const) : ({ kind: 'previous' } as const);
  return { wanted: target, target, field: digest ? 'to' : 'repo' };
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

/** The digests whose memory matters for the choice, in the order it would take them. */
function toLookAt(
  wanted: WantedTarget,
  current: Digest | null,
  past: readonly Digest[],
): readonly Digest[] {
  switch (wanted.kind) {
    case 'previous':
      return past.filter((digest) => digest !== current);
    case 'digest':
      return [wanted.digest];
    case 'revert-key':
      return wanted.key ? [wanted.key.to] : [];
  }
}

/** Looks no further than the first good one: there is a deadline of a second on a rollback. */
async function findBadAmong(
  deps: ApiDependencies,
  service: Service,
  digests: readonly Digest[],
): Promise<readonly Digest[]> {
  const bad: Digest[] = [];
  for (const digest of digests) {
    if (!(await deps.ledger.findBad(service.svc, digest))) break;
    bad.push(digest);
  }
  return bad;
}

async function requireUsable(
  deps: ApiDependencies,
  service: Service,
  digest: Digest,
  field: string,
): Promise<void> {
  const remedy = `choose another digest: plura reg history ${service.svc}`;
  if (await deps.ledger.isQuarantined(digest)) {
    throw new ReleaseError('QUARANTINED', `${digest} is quarantined`, {
      details: { field, remedy },
    });
  }
  const repository = appRepository(service.svc, service.name);
  if ((await deps.registry.resolve(repository, digest)) === null) {
    throw new ReleaseError('DIGEST_NOT_FOUND', `${repository} has no ${digest} any more`, {
      details: { field, remedy },
    });
  }
}
