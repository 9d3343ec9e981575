import { readFile } from 'node:fs/promises';
import { pushBlob } from '../../adapters/oci/blobs';
import type { OciHttp } from '../../adapters/oci/http';
import { putManifest } from '../../adapters/oci/manifests';
import { OCI_MANIFEST } from '../../adapters/oci/media-types';
import { localArchitecture } from '../../adapters/oci/platform';
import { sha256 } from '../../adapters/oci/schema';
import type { Digest } from '../../domain/digest';
import type { Layer } from './tar-layer';

export interface BaseImage {
  readonly repository: string;
  readonly layer: Layer;
  readonly layerFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDir: string;
}

const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Pushes a base of one layer by digest, without a tag. The same layer gives the same digest. */
export async function pushBase(http: OciHttp, image: BaseImage): Promise<Digest> {
  const config = toBytes({
    architecture: localArchitecture(),
    os: 'linux',
    config: {
      User: image.user,
      Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: image.workingDir,
    },
    rootfs: { type: 'layers', diff_ids: [image.layer.diffId] },
    history: [{ created_by: `plura seed ${image.repository}` }],
  });
  const manifest = toBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha256(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: image.layer.digest,
        size: image.layer.size,
      },
    ],
  });
  await pushBlob(http, image.repository, config);
  await pushBlob(http, image.repository, await readFile(image.layerFile));
  const digest = sha256(manifest);
  const pushed = { bytes: manifest, mediaType: OCI_MANIFEST };
  await putManifest(http, image.repository, digest, pushed);
  return digest;
}
