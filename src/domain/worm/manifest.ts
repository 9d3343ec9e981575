import type { Digest } from '../digest';

/** A part of an image or of what is attached to it; evidence is what the ledger knew, as JSON. */
export type WormRole = 'index' | 'manifest' | 'config' | 'layer' | 'evidence';

/** One content of a copy. An attached manifest (signature, SBOM, provenance) has a subject, or a companion tag. */
export interface WormItem {
  readonly digest: Digest;
  readonly size: number;
  readonly role: WormRole;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  /** Where it was read. */
  readonly repository: string;
}

/** The very version that is locked: whoever may write to the bucket can lay another one over it, and no more. */
export interface WormVersion {
  readonly key: string;
  readonly version: string;
}

export interface StoredItem extends WormItem, WormVersion {}

export interface WormTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
}

export interface WormHold {
  readonly id: string;
  readonly by: string;
  readonly at: string;
  readonly until: string | null;
  readonly reason: string;
}

export interface WormVerdict {
  readonly releaseId: string;
  readonly gate: string;
  readonly subject: string;
  readonly outcome: string;
  readonly at: string;
}

/** A copy as it was asked for. Times are RFC 3339. */
export interface WormOrder {
  readonly id: string;
  readonly digest: Digest;
  readonly repository: string;
  readonly reason: string;
  readonly by: string;
  readonly requestedAt: string;
  readonly lockUntil: string;
}

/** What a copy holds; stands in the bucket beside it, locked as long. */
export interface WormManifest extends WormOrder {
  readonly schemaVersion: 1;
  readonly tags: readonly WormTag[];
  readonly holds: readonly WormHold[];
  /** In short; all of them, with their evidence, are the item of that role. */
  readonly verdicts: readonly WormVerdict[];
  /** In the order in which a registry takes them: blobs, children, what holds them, what is attached. */
  readonly items: readonly StoredItem[];
}

const COMPANION = /^sha256-([0-9a-f]{64})\.(?:sig|att|sbom)$/;

/** True for cosign's legacy tags, which alone tell what the manifest is about. */
export function isCompanionTag(tag: string): boolean {
  return COMPANION.test(tag);
}

/** Where content lies in the bucket, once however many copies need it. */
export function blobKey(digest: Digest): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

export function manifestKey(id: string): string {
  return `copies/${id}/manifest.json`;
}
