import type { Digest } from '../../../domain/digest';
import { judgeChart, judgeContent, judgeImages } from '../../../domain/registry/content-rules';
import { digestsOf, roleOf, type ManifestFacts } from '../../../domain/registry/manifest-facts';
import { findBlock, quarantined } from '../../../domain/registry/quarantine';
import type { RepositoryClass } from '../../../domain/registry/repository-class';
import { natureOf } from '../../../domain/registry/tag-rules';
import type { GatewayDependencies } from '../../dependencies';
import { enforce, refused } from '../../http/refused';
import { readChart, readImages } from './platform-images';

export type JudgeDependencies = Pick<
  GatewayDependencies,
  'backend' | 'cache' | 'now' | 'requiredLabels'
>;

export interface JudgedPush {
  readonly name: string;
  readonly repository: RepositoryClass;
  readonly tag: string | null;
  readonly facts: ManifestFacts;
}

function assertNotBlocked({ cache, now }: JudgeDependencies, digests: Iterable<Digest>): void {
  const block = findBlock(cache.current().blocks, digests, now().getTime());
  if (block) throw refused(quarantined(block));
}

/** What the manifest is, what its blobs say, and whether any of it is quarantined. @throws Refused */
export async function judgePush(
  deps: JudgeDependencies,
  push: JudgedPush,
  signal: AbortSignal,
): Promise<void> {
  const { backend, requiredLabels } = deps;
  const { name, repository, tag, facts } = push;
  enforce(judgeContent(push));
  // It lists what refers to a subject, and is made anew from that: nothing comes in by it.
  const nature = tag === null ? null : natureOf(repository, tag);
  if (nature === 'referrers') return;
  assertNotBlocked(deps, digestsOf(facts));
  const reading = { backend, repository: name, signal };
  const role = roleOf(facts);
  if (repository.kind === 'app' && (role === 'image' || role === 'index')) {
    const { images, digests } = await readImages(reading, facts);
    assertNotBlocked(deps, digests);
    enforce(judgeImages(nature === 'write-once' ? { tag } : { tag: null }, images, requiredLabels));
  }
  if (repository.kind === 'chart' && role === 'chart' && facts.config !== null) {
    const { svc } = repository;
    const versionTag = nature === 'write-once' ? tag : null;
    enforce(judgeChart({ svc, tag: versionTag, ...(await readChart(reading, facts.config)) }));
  }
}
