import type { Principal, RepositoryScope } from '../../domain/registry/principal';

/** A principal together with what it takes to tell its client how to become more. */
export interface Caller extends Principal {
  /** What the request carried. A client that showed nothing is challenged even where anyone may read. */
  readonly shown: 'nothing' | 'basic' | 'bearer';
  /** URL of the token endpoint as this client reaches it. */
  readonly realm: string;
  /** What a new token could hold: more than `scopes` for a token that was asked for one thing. */
  readonly grantable: readonly RepositoryScope[];
  /** A token lists repositories when it was asked for that; other credentials always may ask. */
  readonly mayList: boolean;
}

export function isCaller(principal: Principal): principal is Caller {
  return 'realm' in principal;
}
