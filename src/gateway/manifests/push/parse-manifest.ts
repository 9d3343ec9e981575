import type { z } from 'zod';
import {
  ociImageIndex,
  ociImageManifest,
  shapeProblems,
  type ociDescriptor,
} from '../../../contract/schema/oci-manifest';
import {
  kindOfMediaType,
  type DescriptorFacts,
  type ManifestFacts,
} from '../../../domain/registry/manifest-facts';
import { sha256 } from '../sha256';
import { refused, type Refused } from '../../http/refused';
import { parseStrictJson } from './strict-json';

const FIELDS: ReadonlySet<string> = new Set(
  (
    'schemaVersion mediaType artifactType config layers manifests subject annotations digest size urls data ' +
    'platform architecture os os.version os.features variant'
  ).split(' '),
);
const MAPS: ReadonlySet<string> = new Set(['annotations']);
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+';

function malformed(rule: string, message: string, remedy: string): Refused {
  return refused({ code: 'MANIFEST_INVALID', rule, message, remedy });
}

function bareType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim() ?? '';
}

function kindOf(mediaType: string): ManifestFacts['kind'] {
  const kind = kindOfMediaType(mediaType);
  if (kind !== null) return kind;
  throw mediaType.startsWith(SCHEMA_1)
    ? malformed('docker-schema1', 'Docker schema 1 is refused', 'push with a client of this decade')
    : malformed(
        'media-type',
        `"${mediaType.slice(0, 100)}" is no type of a manifest`,
        'Content-Type is that of an OCI or Docker manifest or index',
      );
}

function readJson(bytes: Buffer): object {
  const json = parseStrictJson(bytes, { fields: FIELDS, maps: MAPS });
  if (!json.ok) {
    throw malformed(
      json.rule,
      `The manifest is ${json.message}`,
      'push it with a client that writes plain JSON',
    );
  }
  const { value } = json;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw malformed('manifest-json', 'The manifest is no JSON object', 'see the OCI image-spec');
}

function isThere(json: object, field: string): boolean {
  return field in json && (json as Readonly<Record<string, unknown>>)[field] !== null;
}

/** image-spec, manifest.md: one that could be read as the other is refused by both (CVE-2021-41190). */
function assertNotBoth(json: object, kind: ManifestFacts['kind']): void {
  const others = kind === 'index' ? ['config', 'layers'] : ['manifests'];
  const other = [...others, 'fsLayers', 'history'].find((field) => isThere(json, field));
  if (other === undefined) return;
  throw malformed(
    'manifest-confusion',
    `What is sent as ${kind === 'index' ? 'an index' : 'a manifest'} has "${other}" too`,
    'send one thing: a manifest with config and layers, or an index with manifests',
  );
}

type RawDescriptor = z.infer<typeof ociDescriptor>;

/** image-spec, descriptor.md, "data": what is embedded is what is named. */
function assertData({ data, digest, size }: RawDescriptor): void {
  if (data === null || data === undefined) return;
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length === size && sha256(bytes) === digest) return;
  throw malformed(
    'descriptor-data',
    `The data of ${digest} is something else`,
    'embed what the digest names',
  );
}

function descriptorFacts(raw: RawDescriptor): DescriptorFacts {
  assertData(raw);
  return { mediaType: raw.mediaType, digest: raw.digest, size: raw.size };
}

function shaped<Schema extends z.ZodType>(schema: Schema, json: object): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw malformed('manifest-shape', shapeProblems(parsed.error), 'see the OCI image-spec');
}

function assertSameType(json: object, mediaType: string): void {
  const own = 'mediaType' in json ? json.mediaType : mediaType;
  if (own === mediaType) return;
  const said = typeof own === 'string' ? own.slice(0, 100) : typeof own;
  throw malformed(
    'media-type',
    `Content-Type says ${mediaType}, the manifest ${said}`,
    'send the type that the manifest has',
  );
}

type RawManifest = z.infer<typeof ociImageManifest> | z.infer<typeof ociImageIndex>;

function sharedFacts(
  raw: RawManifest,
  bytes: Buffer,
): Pick<ManifestFacts, 'digest' | 'size' | 'artifactType' | 'subject' | 'annotations'> {
  if (raw.subject) assertData(raw.subject);
  const { artifactType } = raw;
  return {
    digest: sha256(bytes),
    size: bytes.length,
    artifactType: artifactType === undefined || artifactType === '' ? null : artifactType,
    subject: raw.subject?.digest ?? null,
    annotations: raw.annotations ?? {},
  };
}

/** Digest, media type, shape and all that the rules go by. @throws Refused MANIFEST_INVALID */
export function parseManifest(bytes: Buffer, contentType: string | undefined): ManifestFacts {
  const mediaType = bareType(contentType);
  const kind = kindOf(mediaType);
  const json = readJson(bytes);
  assertSameType(json, mediaType);
  assertNotBoth(json, kind);
  if (kind === 'index') {
    const raw = shaped(ociImageIndex, json);
    const children = (raw.manifests ?? []).map(descriptorFacts);
    return { kind, mediaType, ...sharedFacts(raw, bytes), config: null, layers: [], children };
  }
  const raw = shaped(ociImageManifest, json);
  const layers = (raw.layers ?? []).map(descriptorFacts);
  const config = descriptorFacts(raw.config);
  return { kind, mediaType, ...sharedFacts(raw, bytes), config, layers, children: [] };
}
