/** A content digest, `sha256:` and 64 lower-case hex digits (OCI image-spec, descriptor, "Digests"). */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** @throws RangeError when `text` is not a sha256 digest. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) {
    throw new RangeError(`"${text}" is not a digest: expected sha256: and 64 hex digits`);
  }
  return text;
}

/** The first twelve hex digits, as docker shows them. For people only, never for identity. */
export function shortDigest(digest: Digest): string {
  return digest.slice(7, 19);
}
