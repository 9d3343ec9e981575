import { z } from 'zod';
import type { Digest } from '../../domain/digest';
import { digestText } from './oci-manifest';

const linked = z.looseObject({ digest: digestText });

/** image-spec: what an index names, and what a manifest is about. */
const manifestWithLinks = z.looseObject({
  manifests: z.array(linked).nullish(),
  subject: linked.nullish(),
});

export interface ManifestLinks {
  readonly children: readonly Digest[];
  readonly subject: Digest | null;
}

/** Of bytes that a registry once took. @throws ZodError, SyntaxError */
export function manifestLinks(bytes: Buffer): ManifestLinks {
  const { manifests, subject } = manifestWithLinks.parse(JSON.parse(bytes.toString('utf8')));
  return {
    children: (manifests ?? []).map(({ digest }) => digest),
    subject: subject?.digest ?? null,
  };
}
