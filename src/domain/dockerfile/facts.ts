/** An image or a stage that an instruction names. */
export interface ImageMention {
  readonly name: string;
  /** Of the Dockerfile, from 1. */
  readonly line: number;
}

/** What `COPY --from` or `RUN --mount=from` names. */
export interface CopySource extends ImageMention {
  /** `COPY --from` takes the number of a stage, too. */
  readonly kind: 'copy' | 'mount';
}

/** One `FROM` and what follows it. */
export interface DockerfileStage {
  /** As written, variables and quotes included, e.g. `bases/${KIND}`. */
  readonly from: string;
  /** In lower case, as BuildKit keeps it. */
  readonly name: string | null;
  /** The stage's last USER; null when it sets none. */
  readonly user: string | null;
  /** Images or stages named by `COPY --from` and `RUN --mount=from`, behind ONBUILD too. */
  readonly copiesFrom: readonly CopySource[];
  readonly line: number;
}

/** `ARG` before the first FROM: the only ones that FROM sees. */
export interface GlobalArgument {
  readonly name: string;
  /** As written; null without a default. */
  readonly value: string | null;
  readonly line: number;
}

/** A source of ADD that is not below the context, or might not be. */
export interface RemoteSource {
  /** Null when variables decide what it is. */
  readonly url: string | null;
  readonly text: string;
  /** Of `--checksum`, as written. */
  readonly checksum: string | null;
  readonly line: number;
}

/** What can be read in two ways, so that an image could be hidden from us. */
export interface UnclearText {
  /** Empty for the whole file. */
  readonly text: string;
  readonly line: number;
  readonly why: string;
}

export interface DockerfileFacts {
  readonly stages: readonly DockerfileStage[];
  readonly arguments: readonly GlobalArgument[];
  readonly escape: '\\' | '`';
  /** `# syntax=`: a frontend image that the builder would pull and run. */
  readonly syntax: string | null;
  readonly remotes: readonly RemoteSource[];
  readonly unclear: readonly UnclearText[];
}
