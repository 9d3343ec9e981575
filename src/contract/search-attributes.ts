/** Registered on the namespace at start-up; all are Keyword. Never put a secret here: they are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  service: 'PluraService',
  digest: 'PluraDigest',
  stage: 'PluraStage',
  verdict: 'PluraVerdict',
} as const;
