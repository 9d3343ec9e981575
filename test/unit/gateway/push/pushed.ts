import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { sha256 } from '../../../../src/adapters/oci/schema';
import type { Digest } from '../../../../src/domain/digest';
import {
  bytesOf,
  configOf,
  descriptorOf,
  indexJson,
  LABELS,
  manifestJson,
} from '../../../support/fuzz/artifact';
import type { WriteAnswer, WritesServer } from './writes-server';

export const APP = 'apps/checkout/web';
export const TAG = '1.4.0_3f2a91c';
export const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
export const EMPTY = Buffer.from('{}');

export interface Sample {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
}

export function sample(json: Record<string, unknown>, mediaType = OCI_MANIFEST): Sample {
  const bytes = bytesOf(json);
  return { bytes, digest: sha256(bytes), mediaType };
}

/** An image whose config the registry has. `seed` makes it another one. */
export function image(
  { backend }: Pick<WritesServer, 'backend'>,
  seed = '',
  {
    repository = APP,
    labels = LABELS,
  }: { repository?: string; labels?: Record<string, string> } = {},
): Sample {
  const config = configOf(labels, seed);
  backend.addBlob(repository, config);
  return sample(manifestJson(config));
}

export function childOf({ bytes, mediaType }: Sample): Record<string, unknown> {
  return { ...descriptorOf(mediaType, bytes) };
}

export function index(...children: readonly Sample[]): Sample {
  return sample(indexJson(children.map(childOf)), OCI_INDEX);
}

/** What BuildKit puts beside an image in an index: config and manifest of an image, statements as layers. */
export function attestation({ backend }: Pick<WritesServer, 'backend'>, repository = APP): Sample {
  const config = configOf({}, 'attestation');
  backend.addBlob(repository, config);
  const statement = descriptorOf('application/vnd.in-toto+json', Buffer.from('a statement'));
  return sample({ ...manifestJson(config), layers: [statement] });
}

/** About `subject`, as oras and cosign attach it. */
export function artifact(
  subject: Pick<Sample, 'digest'>,
  artifactType = 'application/vnd.example.sbom+json',
  more: Record<string, unknown> = {},
): Sample {
  const empty = descriptorOf(EMPTY_TYPE, EMPTY);
  return sample({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: empty,
    layers: [empty],
    subject: { mediaType: OCI_MANIFEST, digest: subject.digest, size: 7 },
    ...more,
  });
}

export function putTo(
  server: Pick<WritesServer, 'put'>,
  repository: string,
  reference: string,
  { bytes, mediaType }: Pick<Sample, 'bytes' | 'mediaType'>,
): Promise<WriteAnswer> {
  return server.put(`/v2/${repository}/manifests/${reference}`, bytes, mediaType);
}
