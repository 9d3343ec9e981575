/** Error codes of the distribution-spec ("Error Codes") that policy answers with, and their HTTP status. */
export const OCI_ERRORS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 413,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  /** Not in the spec's table, as distribution has them. */
  TAG_INVALID: 400,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const;

export type OciErrorCode = keyof typeof OCI_ERRORS;

/** Why something is refused: the rule by name (docs/gateway.md lists all), and what to do about it. */
export interface Refusal {
  readonly code: OciErrorCode;
  /** When it is not the code's own. */
  readonly status?: number;
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
  /** More for machines: CVE ids, the digest that holds a tag. */
  readonly detail?: Readonly<Record<string, string | number | readonly string[]>>;
}

export type Ruling =
  { readonly allowed: true } | { readonly allowed: false; readonly refusal: Refusal };

export const ALLOWED: Ruling = { allowed: true };

export function refuse(refusal: Refusal): Ruling {
  return { allowed: false, refusal };
}
