import { z } from 'zod';
import { digestText } from './oci-manifest';

export const EVIDENCE_TYPE = 'application/vnd.plura.evidence.v1+json';
/** `_<extension>/<component>/<module>` (distribution-spec, "Extensions"), below a repository; the digest is the module. */
export const EVIDENCE_PATH = '_plura/evidence';

const MAX_PIECES = 5_000;
/** Checked against its digest, which an alphabet is not needed for. */
const base64 = z.string();

/**
 * What a verifier asks a registry for about one digest, in one answer. None of it is to be believed: the bytes of a piece are those of
 * its digest or they count as absent, and what is absent is read by itself.
 */
export const evidenceBody = z.object({
  manifests: z
    .array(z.object({ digest: digestText, mediaType: z.string().max(255), data: base64 }))
    .max(MAX_PIECES),
  blobs: z.array(z.object({ digest: digestText, data: base64 })).max(MAX_PIECES),
  /** Whole lists, each as an index; a subject without one here has to be asked about. */
  referrers: z.array(z.object({ subject: digestText, data: base64 })).max(MAX_PIECES),
  /** What belongs to it and was left out. */
  truncated: z.array(digestText).max(MAX_PIECES),
});

export type EvidenceBody = z.infer<typeof evidenceBody>;
