/** Where a vendor publishes a base: `{host}/{repository}`. */
export interface BaseSource {
  /** `host[:port]`. */
  readonly host: string;
  readonly repository: string;
}

/** What of the source is taken: what a tag points at, or the highest version that fits a pattern such as `3.22.x`. */
export type BaseChannel =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'newest'; readonly pattern: string };

/** A signature that a program can check. Files lie in the worker's folder of trust. */
export type SignedRule =
  /** A certificate of Fulcio for this very identity, given on the word of this issuer. */
  | {
      readonly kind: 'cosign-keyless';
      readonly identity: string;
      readonly issuer: string;
      /** File: trusted_root.json of the Sigstore instance. */
      readonly trustedRoot: string;
    }
  /** File: PEM of a public key. */
  | { readonly kind: 'cosign-key'; readonly key: string }
  | {
      readonly kind: 'gpg-simple';
      /** Files: armored OpenPGP public keys, any of which may have signed. */
      readonly keys: readonly string[];
      /** URL under which signatures lie, as containers/image calls its lookaside store. */
      readonly store: string;
      /** Name that the vendor signs where the source is a mirror of it; else that of the source. */
      readonly signedAs?: string;
    };

/** How it is known that the vendor made it; `approval`: nobody signs it, and a person approves each digest. */
export type VendorRule = SignedRule | { readonly kind: 'approval' };

/** One line of bases that builds may start from; its mirror is `bases/{name}`. */
export interface BaseFamily {
  readonly name: string;
  readonly source: BaseSource;
  readonly channel: BaseChannel;
  readonly signature: VendorRule;
}

export interface BasesPolicy {
  readonly families: readonly BaseFamily[];
}

/** Of a policy, which may say nothing of it: then nothing can be imported. */
export function basesPolicyOf({ bases }: { readonly bases?: BasesPolicy }): BasesPolicy {
  return bases ?? { families: [] };
}

/** Repository of what is imported of a family. */
export function mirrorOf(family: string): string {
  return `bases/${family}`;
}

export function sourceName({ host, repository }: BaseSource): string {
  return `${host}/${repository}`;
}
