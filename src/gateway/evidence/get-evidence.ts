import { EVIDENCE_TYPE, writeEvidence, type EvidenceBody } from '../../contract/schema/evidence';
import type { Digest } from '../../domain/digest';
import { findBlock } from '../../domain/registry/quarantine';
import type { ActivityRecorder } from '../activity/activity-recorder';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, Handler, RouteOf } from '../exchange';
import { blocksFor, countStalePull, refuseEarly } from '../manifests/pull/read-guard';
import { readFilter } from '../referrers/filter';
import { gatherEvidence, type Gathered } from './gather';
import { createRegistryReferrers } from '../referrers/registry-referrers';
import { createPieceReaders } from './piece-reader';

export type EvidenceDependencies = Pick<
  GatewayDependencies,
  | 'backend'
  | 'storage'
  | 'folderEvidence'
  | 'cache'
  | 'inventory'
  | 'metrics'
  | 'log'
  | 'now'
  | 'policy'
> & { readonly activity: ActivityRecorder };

type EvidenceExchange = Exchange<RouteOf<'evidence'>>;

/** What of it may go out now: a piece that is quarantined, in grace too, has to be asked for by itself, and is told of then. */
function withoutBlocked(
  deps: EvidenceDependencies,
  exchange: EvidenceExchange,
  found: Gathered,
): EvidenceBody {
  const blocks = blocksFor(deps, exchange);
  const nowMs = deps.now().getTime();
  const isOpen = (...digests: readonly Digest[]): boolean =>
    findBlock(blocks, digests, nowMs) === null;
  const spreads = deps.policy.quarantine.spreadToParents;
  const manifests = [...found.manifests].filter(([digest, { links }]) =>
    isOpen(digest, ...(spreads ? links.children.map((child) => child.digest) : [])),
  );
  const blobs = [...found.blobs].filter(([digest]) => isOpen(digest));
  const sent = new Set([...manifests, ...blobs].map(([digest]) => digest));
  const all = [...found.manifests.keys(), ...found.blobs.keys(), ...found.leftOut];
  return {
    manifests: manifests.map(([digest, { bytes, links }]) => ({
      digest,
      mediaType: links.mediaType,
      data: bytes,
    })),
    blobs: blobs.map(([digest, data]) => ({ digest, data })),
    referrers: [...found.lists].map(([subject, data]) => ({ subject, data })),
    truncated: [...new Set(all)].filter((digest) => !sent.has(digest)),
  };
}

/** The digest itself, once more: a quarantine may have come in between. */
function assertSubject(
  deps: EvidenceDependencies,
  exchange: EvidenceExchange,
  found: Gathered,
): void {
  const { digest } = exchange.route;
  const children = found.manifests.get(digest)?.links.children ?? [];
  const spreads = deps.policy.quarantine.spreadToParents;
  refuseEarly(deps, exchange, [digest, ...(spreads ? children.map((child) => child.digest) : [])]);
}

/** Each manifest was read, as by itself. */
function record(
  { activity, now }: EvidenceDependencies,
  { route, principal }: EvidenceExchange,
  { manifests }: EvidenceBody,
): void {
  if (principal.kind === 'observer') return;
  const at = now().toISOString();
  for (const { digest } of manifests) {
    activity.record({ repository: route.repository, tag: null, digest, at });
  }
}

/** All that a verifier needs to know about a digest, in one answer (docs/gateway.md, "Evidence in one read"). */
export function createEvidenceHandler(deps: EvidenceDependencies): Handler<'evidence'> {
  const { folderEvidence, backend, storage, now } = deps;
  const referrers = createRegistryReferrers(backend, now);
  const readers = createPieceReaders({ backend, ...(storage && { storage }), referrers });

  async function gather(
    { route, signal }: EvidenceExchange,
    artifactType: string | null,
  ): Promise<Gathered> {
    const { repository, digest } = route;
    // A registry with a referrers API keeps no lists in its folder.
    const stored = referrers.isLacking()
      ? await folderEvidence?.gather(repository, digest, artifactType)
      : null;
    return stored ?? gatherEvidence(readers(repository, signal), digest, artifactType);
  }

  return async (exchange) => {
    const { route, query, response } = exchange;
    const artifactType = readFilter(query);
    refuseEarly(deps, exchange, [route.digest]);
    const found = await gather(exchange, artifactType);
    assertSubject(deps, exchange, found);
    countStalePull(deps);
    const body = withoutBlocked(deps, exchange, found);
    const bytes = writeEvidence(body);
    response
      .writeHead(200, { 'content-type': EVIDENCE_TYPE, 'content-length': bytes.length })
      .end(bytes);
    record(deps, exchange, body);
  };
}
