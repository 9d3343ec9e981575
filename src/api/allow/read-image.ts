import { ReleaseError } from '../../contract/errors';
import { parseImageName, type ImageName } from '../../domain/admission/image-name';
import { isDigest, type Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';

const FIELD = 'image';
const REMEDY = 'name it {repository}@sha256:…, e.g. apps/checkout/checkout@sha256:…';

/** @throws ReleaseError INVALID_INPUT */
export function readImageName(text: string): ImageName {
  try {
    return parseImageName(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const details = { field: FIELD, remedy: REMEDY };
    throw new ReleaseError('INVALID_INPUT', error.message, { cause: error, details });
  }
}

/** An image by its digest: a grant of a tag would grant whatever it points at next. @throws ReleaseError INVALID_INPUT */
export function readPinnedImage(text: string): ImageRef {
  const { repository, digest } = readImageName(text);
  if (digest !== null) return { repository, digest };
  throw new ReleaseError('INVALID_INPUT', `"${text}" names no digest`, {
    details: { field: FIELD, remedy: REMEDY },
  });
}

/** `{repository}@{digest}`, or the digest alone. @throws ReleaseError INVALID_INPUT */
export function readDigestOf(text: string): {
  readonly repository: string | null;
  readonly digest: Digest;
} {
  return isDigest(text) ? { repository: null, digest: text } : readPinnedImage(text);
}
