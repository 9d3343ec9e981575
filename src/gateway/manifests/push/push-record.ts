import type { Digest } from '../../../domain/digest';
import { edgesOf, type ManifestFacts } from '../../../domain/registry/manifest-facts';
import { classifyRepository } from '../../../domain/registry/repository-class';
import { natureOf } from '../../../domain/registry/tag-rules';
import type { PushRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { deletesOf } from './locks';
import { parseManifest } from './parse-manifest';
import { readManifest } from './registry-manifests';
import { Refused } from '../../http/refused';

/** Where and by whom. */
export interface PushContext {
  readonly repository: string;
  readonly tag: string | null;
  readonly writeOnce: boolean;
  readonly actor: string;
  readonly at: string;
}

export function recordOf(facts: ManifestFacts, context: PushContext): PushRecord {
  const { digest, mediaType, artifactType, size, subject } = facts;
  const after = deletesOf(context.repository, facts);
  return {
    ...context,
    ...{ digest, mediaType, artifactType, size, subject },
    edges: edgesOf(facts),
    after,
  };
}

export type LookupDependencies = Pick<GatewayDependencies, 'backend' | 'policy' | 'now'>;

export function isWriteOnce(
  { policy }: Pick<GatewayDependencies, 'policy'>,
  repository: string,
  tag: string,
): boolean {
  return natureOf(classifyRepository(repository, policy.open), tag) === 'write-once';
}

export interface FoundAt {
  readonly repository: string;
  readonly digest: Digest;
  readonly tag: string | null;
  readonly actor: string;
  /** Default: now. */
  readonly at?: string;
}

/** A manifest that is in the registry already, as a push; null when it is not. What we can't read has no edges. */
export async function recordOfFound(
  deps: LookupDependencies,
  { repository, digest, tag, actor, at }: FoundAt,
  signal: AbortSignal,
): Promise<PushRecord | null> {
  const found = await readManifest(deps.backend, { repository, reference: digest }, signal);
  if (!found) return null;
  const context = {
    repository,
    tag,
    actor,
    writeOnce: tag !== null && isWriteOnce(deps, repository, tag),
    at: at ?? deps.now().toISOString(),
  };
  try {
    return recordOf(parseManifest(found.body, found.contentType), context);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { contentType: mediaType, body: bytes } = found;
    return {
      ...context,
      digest,
      mediaType,
      artifactType: null,
      size: bytes.length,
      subject: null,
      edges: [],
    };
  }
}
