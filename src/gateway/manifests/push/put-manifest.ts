import type { Digest } from '../../../domain/digest';
import type { ManifestFacts } from '../../../domain/registry/manifest-facts';
import { subjectOfTag } from '../../../domain/registry/referrers-index';
import { classifyRepository } from '../../../domain/registry/repository-class';
import { judgeTagPut, judgeWriter } from '../../../domain/registry/tag-rules';
import type { GatewayDependencies } from '../../dependencies';
import type { Exchange, Handler, RouteOf } from '../../exchange';
import { enforce, refused } from '../../http/refused';
import type { Reference } from '../../http/route';
import { addReferrer } from '../../referrers/keep-referrers';
import { mergeClientIndex } from '../../referrers/merge-client-index';
import { assertPushesOpen } from '../../state/push-gate';
import { MAX_MANIFEST_BYTES } from '../pull/fetch-manifest';
import { judgePush } from './judge-push';
import { parseManifest } from './parse-manifest';
import { isWriteOnce, recordOf } from './push-record';
import { readBody } from './read-body';
import { storeManifest } from './store-manifest';

export type PushDependencies = Pick<
  GatewayDependencies,
  | 'backend'
  | 'inventory'
  | 'cache'
  | 'policy'
  | 'requiredLabels'
  | 'metrics'
  | 'log'
  | 'now'
  | 'publicUrl'
>;

type ManifestExchange = Exchange<RouteOf<'manifest'>>;

function assertDigest(reference: Reference, { digest }: ManifestFacts): void {
  if (reference.kind === 'tag' || reference.digest === digest) return;
  throw refused({
    code: 'DIGEST_INVALID',
    rule: 'manifest-digest',
    message: `The manifest has the digest ${digest}, not ${reference.digest}`,
    remedy: 'send the bytes that the digest names',
  });
}

/**
 * While pushes are closed the system may point a channel at what its repository has: a rollback can't wait for a collector, and
 * that takes nothing away from a repository. Something attached would make a new list of what is.
 *
 * @returns whether it is such a move
 * @throws Refused UNAVAILABLE
 */
async function assertOpenFor(
  deps: PushDependencies,
  { route, principal }: ManifestExchange,
  { digest, subject }: ManifestFacts,
): Promise<boolean> {
  const mayMove = principal.kind === 'system' && subject === null;
  if (mayMove && (await deps.inventory.getManifest(route.repository, digest))) return true;
  assertPushesOpen(deps);
  return false;
}

interface Taken {
  readonly facts: ManifestFacts;
  readonly isMove: boolean;
  readonly bytes: Buffer;
}

async function takeManifest(deps: PushDependencies, exchange: ManifestExchange): Promise<Taken> {
  const { route, request, principal, signal } = exchange;
  const { repository: name, reference } = route;
  const repository = classifyRepository(name, deps.policy.open);
  const tag = reference.kind === 'tag' ? reference.tag : null;
  if (principal.kind !== 'system') assertPushesOpen(deps);
  enforce(judgeWriter(repository, principal));
  if (tag !== null) enforce(judgeTagPut({ repository, tag, principal }));
  const bytes = await readBody(request, { what: 'manifest', maxBytes: MAX_MANIFEST_BYTES });
  const facts = parseManifest(bytes, request.headers['content-type']);
  assertDigest(reference, facts);
  await judgePush(deps, { name, repository, tag, facts }, signal);
  // The body and what it names took their time: whoever closed pushes since counts on nothing being begun.
  const isMove = await assertOpenFor(deps, exchange, facts);
  return { facts, bytes, isMove };
}

/** Returns the subject that was seen to, for `OCI-Subject`. */
async function keepManifest(
  deps: PushDependencies,
  { route, principal, requestId: id }: ManifestExchange,
  { facts, bytes, isMove }: Taken,
): Promise<Digest | null> {
  const { repository, reference } = route;
  const actor = principal.name;
  const tag = reference.kind === 'tag' ? reference.tag : null;
  const at = deps.now().toISOString();
  const listed = tag === null ? null : subjectOfTag(tag);
  if (listed !== null) {
    await mergeClientIndex(deps, { repository, subject: listed, actor, id }, { facts, bytes });
    return null;
  }
  const writeOnce = tag !== null && isWriteOnce(deps, repository, tag);
  const record = { ...recordOf(facts, { repository, tag, writeOnce, actor, at }), id };
  const answer = await storeManifest(deps, { record, bytes, isMove });
  if (facts.subject === null) return null;
  const isListedByRegistry = answer?.headers['oci-subject'] !== undefined;
  if (!isListedByRegistry) {
    await addReferrer(deps, { repository, subject: facts.subject, actor, id }, facts);
  }
  return facts.subject;
}

/** PUT of a manifest (distribution-spec, "Pushing Manifests"): every rule is asked before the registry sees a byte of it. */
export function createPutManifestHandler(deps: PushDependencies): Handler<'manifest'> {
  return async (exchange) => {
    const taken = await takeManifest(deps, exchange);
    const subject = await keepManifest(deps, exchange, taken);
    const { digest } = taken.facts;
    exchange.response.writeHead(201, {
      location: `${deps.publicUrl ?? ''}/v2/${exchange.route.repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
      ...(subject !== null && { 'oci-subject': subject }),
    });
    exchange.response.end();
  };
}
