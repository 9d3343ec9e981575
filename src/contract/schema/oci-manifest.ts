import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';

const MAX_LAYERS = 1000;
/** Of an index; the index of a much signed image is the longest there is. */
const MAX_CHILDREN = 2000;

export const digestText = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'not sha256: and 64 lower-case hex digits',
);

/** RFC 6838, 4.2, with the parameters that some clients add. */
const mediaType = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(?: *;[\x20-\x7e]*)?$/,
  );

const annotations = z.record(z.string(), z.string()).nullish();

/** image-spec, descriptor.md. */
export const ociDescriptor = z.looseObject({
  mediaType,
  digest: digestText,
  size: z.int().nonnegative(),
  urls: z.array(z.string().max(2048)).max(100).nullish(),
  annotations,
  data: z.base64().nullish(),
  artifactType: mediaType.nullish(),
});

const manifestFields = {
  schemaVersion: z.literal(2),
  mediaType: mediaType.optional(),
  /** Empty is as good as none (image-spec, manifest.md). */
  artifactType: z.union([mediaType, z.literal('')]).nullish(),
  subject: ociDescriptor.nullish(),
  annotations,
};

/** image-spec, manifest.md; Docker's schema 2 is a subset of it. */
export const ociImageManifest = z.looseObject({
  ...manifestFields,
  config: ociDescriptor,
  layers: z.array(ociDescriptor).max(MAX_LAYERS).nullable(),
});

/** image-spec, image-index.md, and Docker's manifest list. */
export const ociImageIndex = z.looseObject({
  ...manifestFields,
  manifests: z.array(ociDescriptor).max(MAX_CHILDREN).nullable(),
});

/** image-spec, config.md: what the rules look at. */
export const ociImageConfig = z.looseObject({
  os: z.string().max(128).nullish(),
  architecture: z.string().max(128).nullish(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** Chart.yaml as JSON (helm.sh/docs/topics/charts, "The Chart.yaml File"). */
export const helmChartConfig = z.looseObject({
  name: z.string().min(1).max(255),
  version: z.string().min(1).max(255),
});

/** Error body of the distribution-spec ("Error Codes"), as registries behind us write it. */
export const ociErrorBody = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        code: z.string().max(64),
        message: z.string().nullish(),
        detail: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(2000),
});

/** Where things are wrong, in short: for people, and bounded. */
export function shapeProblems(error: z.ZodError): string {
  const lines = error.issues.slice(0, 5).map(({ path, message }) => {
    const where = path.slice(0, 8).map(String).join('.').slice(0, 100);
    return where === '' ? message : `${where}: ${message}`;
  });
  return lines.join('; ').slice(0, 500);
}
