import type { Digest } from '../domain/digest';

export interface BuildInput {
  /** Absolute folder with the Dockerfile. */
  readonly contextPath: string;
  /** Text of the Dockerfile that was judged, which is built whatever the folder holds by then; absent: the folder's. */
  readonly dockerfile?: string;
  /** `apps/{svc}/{name}`; pushed by digest, without a tag. */
  readonly repository: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * RFC 3339 time of the source: no file that the build adds, and nothing in the image's config, is younger. Two builds of one source
   * differ only in what they made of it (https://reproducible-builds.org/specs/source-date-epoch/). Absent: times are the build's.
   */
  readonly sourceDate?: string;
  /** Base name as the Dockerfile writes it to the pinned reference it must resolve to. */
  readonly bases: Readonly<
    Record<string, { readonly repository: string; readonly digest: Digest }>
  >;
  readonly signal?: AbortSignal;
  /** A line of the builder's progress. */
  readonly onProgress?: (line: string) => void;
}

export interface BuildOutput {
  /** Digest of the pushed index: the image and its provenance. */
  readonly digest: Digest;
}

/**
 * Builds with provenance `mode=max,version=v1`.
 * Throws BUILD_FAILED (the Dockerfile's fault, with the last lines), FORBIDDEN (the registry refused the builder) or
 * BUILDER_UNAVAILABLE.
 */
export interface Builder {
  build(input: BuildInput): Promise<BuildOutput>;
  ping(): Promise<void>;
}
