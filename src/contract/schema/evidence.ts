import { z } from 'zod';
import type { Digest } from '../../domain/digest';
import { digestText } from './oci-manifest';

export const EVIDENCE_TYPE = 'application/vnd.plura.evidence.v2';
/** `_<extension>/<component>/<module>` (distribution-spec, "Extensions"), below a repository; the digest is the module. */
export const EVIDENCE_PATH = '_plura/evidence';

const MAX_PIECES = 5_000;
/** Of the number of bytes of the table, before it. */
const LENGTH_BYTES = 4;

const size = z.int().nonnegative();
/** What the bytes behind it are, in its order: manifests, blobs, referrers. */
const evidenceTable = z.object({
  manifests: z
    .array(z.object({ digest: digestText, mediaType: z.string().max(255), size }))
    .max(MAX_PIECES),
  blobs: z.array(z.object({ digest: digestText, size })).max(MAX_PIECES),
  referrers: z.array(z.object({ subject: digestText, size })).max(MAX_PIECES),
  truncated: z.array(digestText).max(MAX_PIECES),
});

/**
 * What a verifier asks a registry for about one digest, in one answer. None of it is to be believed: the bytes of a piece are those of
 * its digest or they count as absent, and what is absent is read by itself.
 */
export interface EvidenceBody {
  readonly manifests: readonly {
    readonly digest: Digest;
    readonly mediaType: string;
    readonly data: Buffer;
  }[];
  readonly blobs: readonly { readonly digest: Digest; readonly data: Buffer }[];
  /** Whole lists, each as an index; a subject without one here has to be asked about. */
  readonly referrers: readonly { readonly subject: Digest; readonly data: Buffer }[];
  /** What belongs to it and was left out. */
  readonly truncated: readonly Digest[];
}

function sized<T extends { readonly data: Buffer }>({
  data,
  ...rest
}: T): Omit<T, 'data'> & { readonly size: number } {
  return { ...rest, size: data.length };
}

/** A table in JSON, its length before it (32 bits, big-endian), and the bytes of the pieces as they are. */
export function writeEvidence({ manifests, blobs, referrers, truncated }: EvidenceBody): Buffer {
  const table = {
    manifests: manifests.map(sized),
    blobs: blobs.map(sized),
    referrers: referrers.map(sized),
    truncated,
  };
  const text = Buffer.from(JSON.stringify(table));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const pieces = [...manifests, ...blobs, ...referrers].map(({ data }) => data);
  return Buffer.concat([length, text, ...pieces]);
}

/** @throws RangeError or ZodError for what is no such answer, or not all of one */
export function readEvidence(bytes: Buffer): EvidenceBody {
  const start = LENGTH_BYTES + bytes.readUInt32BE(0);
  const text = bytes.toString('utf8', LENGTH_BYTES, start);
  const { manifests, blobs, referrers, truncated } = evidenceTable.parse(JSON.parse(text));
  let at = start;
  const cut = <T extends { readonly size: number }>({
    size: length,
    ...rest
  }: T): Omit<T, 'size'> & { readonly data: Buffer } => {
    const data = bytes.subarray(at, at + length);
    at += length;
    return { ...rest, data };
  };
  const body = {
    manifests: manifests.map(cut),
    blobs: blobs.map(cut),
    referrers: referrers.map(cut),
    truncated,
  };
  if (at !== bytes.length) throw new RangeError(`${bytes.length} bytes where ${at} are told of`);
  return body;
}
