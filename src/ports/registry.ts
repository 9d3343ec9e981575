import type { Digest } from '../domain/digest';
import type { ImageRef } from '../domain/reference';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string; readonly architecture: string };
  /** The content itself, base64, as somebody wrote it beside the digest: to be checked against that. */
  readonly data?: string;
}

/** A manifest or index as fetched: `bytes` hash to `digest`, checked. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  /** Children, when this is an index. */
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Config of one platform's image (image-spec, config.md): what labels, user and entry point are read from. */
export interface ImageConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
}

export interface AttachInput {
  readonly subject: ImageRef;
  readonly artifactType: string;
  readonly mediaType: string;
  readonly payload: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Artifact {
  readonly descriptor: Descriptor;
  readonly payload: Buffer;
}

/** What must still hold when a delete is done; judged by the gateway in one with the delete. */
export interface DeleteConditions {
  /** RFC 3339: nothing was pushed, pulled or attached since then. */
  readonly unchangedSince: string;
}

export type Deleted =
  /** Gone already is deleted too. */
  | { readonly kind: 'deleted' }
  /** It has to stay; `rule` is the gateway's (docs/gateway.md). */
  | { readonly kind: 'kept'; readonly rule: string; readonly why: string };

/**
 * An OCI registry (distribution-spec v1.1). Every method throws ReleaseError:
 * REGISTRY_UNAVAILABLE when it could not find out, DIGEST_NOT_FOUND where a thing must exist and does not.
 */
export interface Registry {
  /** The digest a tag or digest points at; null when there is none. */
  resolve(repository: string, reference: string): Promise<Descriptor | null>;
  getManifest(image: ImageRef): Promise<Manifest>;
  /** Reads at most `maxBytes`; more is INVALID_INPUT. */
  getBlob(image: ImageRef, maxBytes: number): Promise<Buffer>;
  /** The config of the image for linux and this machine's architecture; walks an index. */
  getImageConfig(image: ImageRef): Promise<ImageConfig>;
  /** Streams a blob to a file, verified against its digest. Above `maxBytes`, where they are given, it is INVALID_INPUT. */
  downloadBlob(image: ImageRef, file: string, maxBytes?: number): Promise<void>;
  /** HEAD of each blob in the closure of `image` (children, configs, layers); returns what is missing. */
  findMissing(image: ImageRef): Promise<readonly Digest[]>;
  /** Makes `image` and its closure available in another repository by cross-repository mount; no bytes are copied. */
  mount(image: ImageRef, toRepository: string): Promise<void>;
  /** Points `tag` at `image`, in its own repository, and reads it back. */
  putTag(image: ImageRef, tag: string): Promise<void>;
  /** Removes the tag only, never the manifest. Absent is fine. */
  deleteTag(repository: string, tag: string): Promise<void>;
  /** Puts a manifest as it is, under its digest or a tag. Throws DIGEST_NOT_FOUND when the registry lacks what it names. */
  putManifest(
    repository: string,
    manifest: Pick<Manifest, 'digest' | 'mediaType' | 'bytes'>,
    tag?: string,
  ): Promise<void>;
  /** Removes a manifest, never a blob. Registries take its tags with it: a gateway that is given conditions keeps it then. */
  deleteManifest(image: ImageRef, conditions?: DeleteConditions): Promise<Deleted>;
  /** Removes a tag that still points at the image. */
  deleteTagOf(image: ImageRef, tag: string, conditions: DeleteConditions): Promise<Deleted>;
  /** Attaches an artifact to its subject and reads it back; idempotent for the same bytes. One writer a subject. */
  attach(input: AttachInput): Promise<Descriptor>;
  /** What refers to `subject`, referrers API or fallback tag; capped at 200 entries. */
  listReferrers(subject: ImageRef, artifactType?: string): Promise<readonly Descriptor[]>;
  /** The single layer of an artifact. */
  getArtifact(image: ImageRef, maxBytes: number): Promise<Artifact>;
  ping(): Promise<void>;
}
