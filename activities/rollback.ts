import { ReleaseError } from '../src/contract/errors';
import type { RollbackTarget } from '../src/contract/messages';
import { shortDigest, type Digest } from '../src/domain/digest';
import { appRepository, type ImageRef } from '../src/domain/reference';
import { chooseRollbackTarget, type WantedTarget } from '../src/domain/rollback';
import type { Service } from '../src/domain/service';
import { KEY_IDS, PREDICATE_TYPES } from '../src/ports/signer';
import { findVerifiedBundle } from './bundles';
import type { ChannelDigests } from './channel';
import type { Deps } from './deps';
import { readStablePast } from './stable-past';

export interface PrepareRollbackInput {
  readonly service: Service;
  readonly target: RollbackTarget;
  readonly transparencyLog: 'required' | 'off';
}

export interface PrepareRollbackResult {
  readonly from: Digest;
  readonly to: Digest;
  readonly channels: ChannelDigests;
}

export interface RememberRollbackInput {
  readonly svc: string;
  readonly from: Digest;
  readonly to: Digest;
  readonly reason: string;
  readonly actor: string;
  readonly workflowId: string;
  readonly keyId: string | null;
  readonly at: string;
  /** RFC 3339, from which its time counts; rollbacks that began with an earlier version say nothing of it. */
  readonly requestedAt?: string;
  /** Nothing was wrong: a drill. */
  readonly drill?: true;
}

export interface FenceInput {
  readonly svc: string;
  /** Names the rollback: a retry gets the same epoch. */
  readonly key: string;
}

export interface FenceResult {
  readonly epoch: number;
  /** What prod:stable holds now that no older writer can move it. */
  readonly current: Digest | null;
}

export interface RollbackActivities {
  prepareRollback(input: PrepareRollbackInput): Promise<PrepareRollbackResult>;
  fence(input: FenceInput): Promise<FenceResult>;
  rememberRollback(input: RememberRollbackInput): Promise<void>;
}

type RollbackDeps = Pick<Deps, 'ledger' | 'registry' | 'signer' | 'now'>;

/** Channel moves that are looked through for the first of a digest. */
const MAX_MOVES = 1000;

export function createRollbackActivities(deps: RollbackDeps): RollbackActivities {
  return {
    prepareRollback: (input) => prepareRollback(deps, input),
    fence: async ({ svc, key }) => {
      const epoch = await deps.ledger.bumpEpoch(svc, key);
      const stable = await deps.ledger.getChannel(svc, { env: 'prod', tag: 'stable' });
      return { epoch, current: stable?.digest ?? null };
    },
    rememberRollback: (input) => rememberRollback(deps, input),
  };
}

async function prepareRollback(
  deps: RollbackDeps,
  { service, target, transparencyLog }: PrepareRollbackInput,
): Promise<PrepareRollbackResult> {
  const { svc } = service;
  const [states, past, wanted] = await Promise.all([
    deps.ledger.listChannels(svc),
    readStablePast(deps.ledger, svc),
    findWanted(deps, target),
  ]);
  const channels: ChannelDigests = Object.fromEntries(
    states.filter((state) => state.digest).map((state) => [state.channel, state.digest]),
  );
  const choice = chooseRollbackTarget(wanted, {
    svc,
    current: channels['prod:stable'] ?? null,
    ...past,
    nowMs: deps.now().getTime(),
  });
  if (!choice.chosen) throw new ReleaseError(choice.code, choice.message);
  const image = { repository: appRepository(svc, service.name), digest: choice.to };
  await preflight(deps, image, service, transparencyLog === 'required');
  return { from: choice.from, to: choice.to, channels };
}

async function findWanted(deps: RollbackDeps, target: RollbackTarget): Promise<WantedTarget> {
  if (target.kind !== 'revert-key') return target;
  return { kind: 'revert-key', key: await deps.ledger.getRevertKey(target.keyId) };
}

/** The target must be whole, ours and not withdrawn before anything moves. */
async function preflight(
  deps: RollbackDeps,
  image: ImageRef,
  { svc, region }: Service,
  log: boolean,
): Promise<void> {
  const name = `${image.repository}@${image.digest}`;
  const [missing, quarantined, moves] = await Promise.all([
    deps.registry.findMissing(image),
    deps.ledger.isQuarantined(image.digest),
    deps.ledger.history(svc, MAX_MOVES),
  ]);
  if (quarantined) throw new ReleaseError('QUARANTINED', `${name} is quarantined`);
  if (missing.length > 0) {
    throw new ReleaseError(
      'DIGEST_NOT_FOUND',
      `${name} is not whole: ${missing.length} part(s) missing`,
      { details: { missing: missing.slice(0, 10), remedy: 'roll back to another digest' } },
    );
  }
  const bundle = await findVerifiedBundle(deps, {
    image,
    predicateType: PREDICATE_TYPES.signature,
    keyId: KEY_IDS.release(region),
    log,
    // Verified before it entered a channel: a rollback works though its key has been rotated since.
    seenAt: moves.findLast(({ to }) => to === image.digest)?.at ?? null,
  });
  if (!bundle)
    throw new ReleaseError('SIGNATURE_INVALID', `${name} has no valid signature of ours`);
}

async function rememberRollback(deps: RollbackDeps, input: RememberRollbackInput): Promise<void> {
  const { svc, from, to, actor, reason, at } = input;
  await deps.ledger.markBad({ digest: from, svc, reason, at, actor });
  if (input.keyId) await deps.ledger.useRevertKey(input.keyId, input.workflowId, at);
  await deps.ledger.appendAudit(
    {
      at,
      actor,
      action: 'rollback',
      svc,
      subject: `${shortDigest(from)} → ${shortDigest(to)}`,
      details: {
        ...{ from, to, reason },
        ...(input.requestedAt !== undefined && { requestedAt: input.requestedAt }),
        ...(input.drill && { drill: true }),
      },
    },
    input.workflowId,
  );
}
