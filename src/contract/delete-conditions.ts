/**
 * Header of a DELETE at the gateway (docs/gc-runs.md): RFC 3339; done only if nothing was pushed, pulled or attached since then.
 * Beside it `If-Match` names the digest that a tag must still point at.
 */
export const UNCHANGED_SINCE = 'plura-unchanged-since';
