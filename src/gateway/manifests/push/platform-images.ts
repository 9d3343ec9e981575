import {
  helmChartConfig,
  ociImageConfig,
  shapeProblems,
} from '../../../contract/schema/oci-manifest';
import type { Digest } from '../../../domain/digest';
import {
  MAX_INDEX_CHILDREN,
  MAX_INDEX_DEPTH,
  tooDeep,
  MAX_INDEX_BYTES,
  tooManyChildren,
  tooMuchToRead,
  type PlatformImage,
} from '../../../domain/registry/content-rules';
import {
  digestsOf,
  roleOf,
  type DescriptorFacts,
  type ManifestFacts,
} from '../../../domain/registry/manifest-facts';
import type { Backend } from '../../backend/backend';
import { enforce, refused, type Refused } from '../../http/refused';
import { parseManifest } from './parse-manifest';
import { readBlob } from './read-blob';
import { readManifest } from './registry-manifests';
import { parseStrictJson } from './strict-json';

const MAPS: ReadonlySet<string> = new Set([
  'Labels',
  'Volumes',
  'ExposedPorts',
  'annotations',
  'Annotations',
]);

interface Reading {
  readonly backend: Backend;
  readonly repository: string;
  readonly signal: AbortSignal;
}

function badConfig(digest: Digest, why: string): Refused {
  return refused({
    code: 'MANIFEST_INVALID',
    rule: 'config-blob',
    message: `The config ${digest} can not be read: ${why}`,
    remedy: 'push what your build wrote',
  });
}

async function readConfig(reading: Reading, config: DescriptorFacts): Promise<unknown> {
  const { backend, repository, signal } = reading;
  const bytes = await readBlob(backend, repository, config, signal);
  const json = parseStrictJson(bytes, { maps: MAPS });
  if (!json.ok) throw badConfig(config.digest, json.message);
  return json.value;
}

async function readImage(
  reading: Reading,
  digest: Digest,
  config: DescriptorFacts,
): Promise<PlatformImage> {
  const parsed = ociImageConfig.safeParse(await readConfig(reading, config));
  if (!parsed.success) throw badConfig(config.digest, shapeProblems(parsed.error));
  const { os, architecture, config: inner } = parsed.data;
  return {
    digest,
    platform: [os, architecture].map((part) => (part ? part : 'unknown')).join('/'),
    labels: inner?.Labels ?? {},
  };
}

/** Name and version as the chart's own Chart.yaml has them. @throws Refused */
export async function readChart(
  reading: Reading,
  config: DescriptorFacts,
): Promise<{ readonly name: string; readonly version: string }> {
  const parsed = helmChartConfig.safeParse(await readConfig(reading, config));
  if (!parsed.success) throw badConfig(config.digest, shapeProblems(parsed.error));
  return parsed.data;
}

interface Walk extends Reading {
  /** Each once, however often it is named. */
  readonly seen: Set<Digest>;
  readonly images: PlatformImage[];
  readonly digests: Digest[];
  bytesLeft: number;
}

/** Before a config is read: a small index could else have the gateway read gigabytes. */
function countBytes(walking: Walk, { size, config }: ManifestFacts): void {
  walking.bytesLeft -= size + (config?.size ?? 0);
  if (walking.bytesLeft < 0) enforce(tooMuchToRead());
}

async function readChild(
  { backend, repository, signal }: Reading,
  digest: Digest,
): Promise<ManifestFacts> {
  const found = await readManifest(backend, { repository, reference: digest }, signal);
  if (found) return parseManifest(found.body, found.contentType);
  throw refused({
    code: 'MANIFEST_BLOB_UNKNOWN',
    rule: 'child-unknown',
    message: `The index names ${digest}, which ${repository} does not have`,
    remedy: 'push its manifests before the index',
  });
}

async function walk(walking: Walk, facts: ManifestFacts, depth: number): Promise<void> {
  walking.digests.push(...digestsOf(facts));
  countBytes(walking, facts);
  if (roleOf(facts) === 'image' && facts.config !== null) {
    walking.images.push(await readImage(walking, facts.digest, facts.config));
  }
  if (facts.children.length > 0 && depth === MAX_INDEX_DEPTH) enforce(tooDeep());
  for (const { digest } of facts.children) {
    if (walking.seen.has(digest)) continue;
    walking.seen.add(digest);
    if (walking.seen.size > MAX_INDEX_CHILDREN) enforce(tooManyChildren());
    await walk(walking, await readChild(walking, digest), depth + 1);
  }
}

/**
 * The images that come with a manifest: itself, or all below an index, with the labels of each. `digests` is everything that
 * is named on the way.
 *
 * @throws Refused
 */
export async function readImages(
  reading: Reading,
  facts: ManifestFacts,
): Promise<{ readonly images: readonly PlatformImage[]; readonly digests: readonly Digest[] }> {
  const walking: Walk = {
    ...reading,
    seen: new Set(),
    images: [],
    digests: [],
    bytesLeft: MAX_INDEX_BYTES,
  };
  await walk(walking, facts, 0);
  return { images: walking.images, digests: walking.digests };
}
