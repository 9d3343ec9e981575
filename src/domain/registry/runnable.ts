interface Placed {
  readonly platform?:
    | { readonly os?: string | null | undefined; readonly architecture?: string | null | undefined }
    | null
    | undefined;
}

/**
 * Whether a child of an index is an image that a node may run; each of them is signed, checked and compared. What is none stands under
 * `unknown/unknown`: BuildKit's attestations (buildkit, docs/attestations/attestation-storage.md).
 */
export function isRunnable({ platform }: Placed): boolean {
  return platform?.os !== 'unknown' || platform.architecture !== 'unknown';
}
