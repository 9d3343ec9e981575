import { z } from 'zod';
import { failureReason } from '../error-reason';
import { ReleaseError } from '../errors';
import type { Json } from '../../domain/verdict';
import { canonicalJson } from './policy';

/** image-spec, config.md; `history` and `created` say how and when, not what. */
const imageContent = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  config: z.record(z.string(), z.json()).nullish(),
  rootfs: z.object({ type: z.string(), diff_ids: z.array(z.string()).min(1) }),
});

/**
 * What an image config says of its content, as one text: files by their digests, and how they are run; without labels, history and times.
 * Two images with the same text do the same. @throws ReleaseError INVALID_INPUT when the bytes are no image config.
 */
export function imageContentOf(bytes: Buffer): string {
  const read = imageContent.safeParse(parseJson(bytes));
  if (!read.success) throw invalid(read.error);
  const { architecture, os, variant = '', config, rootfs } = read.data;
  const run = Object.entries(config ?? {}).filter(([name]) => name !== 'Labels');
  const content: Json = { architecture, os, variant, rootfs, config: Object.fromEntries(run) };
  return canonicalJson(content);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(cause);
  }
}

function invalid(cause: unknown): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `not an image config: ${failureReason(cause)}`, {
    cause,
  });
}
