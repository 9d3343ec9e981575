import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ReleaseError } from '../../contract/errors';
import { isDigest, type Digest } from '../../domain/digest';
import type { Descriptor, ImageConfig, Manifest } from '../../ports/registry';

const MAX_DESCRIPTORS = 1000;

export const digestText = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

const platform = z.object({ os: z.string(), architecture: z.string() });

const descriptor = z.object({
  mediaType: z.string(),
  digest: digestText,
  size: z.int().nonnegative(),
  artifactType: z.string().nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: platform.nullish(),
  data: z.base64().nullish(),
});

const manifest = z.object({
  mediaType: z.string().nullish(),
  config: descriptor.nullish(),
  layers: z.array(descriptor).max(MAX_DESCRIPTORS).nullish(),
  manifests: z.array(descriptor).max(MAX_DESCRIPTORS).nullish(),
  subject: descriptor.nullish(),
  artifactType: z.string().nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

const imageConfig = z.object({
  config: z
    .object({
      User: z.string().nullish(),
      Env: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      WorkingDir: z.string().nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});

/** What our gateway says beside code and message; other registries put anything there. */
const errorDetail = z
  .object({ rule: z.string().max(100).optional(), remedy: z.string().max(500).optional() })
  .optional()
  .catch(undefined);

export const errorBody = z.object({
  errors: z
    .array(z.object({ code: z.string(), message: z.string().nullish(), detail: errorDetail }))
    .max(100),
});

export const tokenBody = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

export function sha256(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function toDescriptor(raw: z.infer<typeof descriptor>): Descriptor {
  return {
    mediaType: raw.mediaType,
    digest: raw.digest,
    size: raw.size,
    ...(raw.artifactType ? { artifactType: raw.artifactType } : {}),
    ...(raw.annotations ? { annotations: raw.annotations } : {}),
    ...(raw.platform ? { platform: raw.platform } : {}),
    ...(raw.data ? { data: raw.data } : {}),
  };
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ReleaseError('INVALID_INPUT', `${what} is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `${what} is malformed: ${z.prettifyError(result.error)}`,
      {
        cause: result.error,
        details: { remedy: 'push it again with a client that follows the OCI image-spec' },
      },
    );
  }
  return result.data;
}

/**
 * @param digest of the bytes, where somebody knows it already
 * @throws ReleaseError INVALID_INPUT when the bytes are no OCI or Docker manifest or index.
 */
export function parseManifest(bytes: Buffer, contentType: string, digest?: Digest): Manifest {
  const raw = parse(manifest, bytes, 'manifest');
  return {
    digest: digest ?? sha256(bytes),
    mediaType: raw.mediaType ?? contentType,
    bytes,
    layers: (raw.layers ?? []).map(toDescriptor),
    manifests: (raw.manifests ?? []).map(toDescriptor),
    annotations: raw.annotations ?? {},
    ...(raw.config ? { config: toDescriptor(raw.config) } : {}),
    ...(raw.subject ? { subject: toDescriptor(raw.subject) } : {}),
    ...(raw.artifactType ? { artifactType: raw.artifactType } : {}),
  };
}

/** @throws ReleaseError INVALID_INPUT when the bytes are no image config. */
export function parseImageConfig(bytes: Buffer): ImageConfig {
  const config = parse(imageConfig, bytes, 'image config').config ?? {};
  return {
    user: config.User ?? '',
    env: config.Env ?? [],
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    workingDir: config.WorkingDir ?? '',
    labels: config.Labels ?? {},
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
  };
}
