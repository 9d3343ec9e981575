import type { RepositoryScope, RobotKind } from '../domain/registry/principal';

export interface Robot {
  readonly name: string;
  readonly kind: RobotKind;
  readonly scopes: readonly RepositoryScope[];
  readonly description: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly disabledAt: string | null;
  readonly rotatedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** A secret as stored: hex of its SHA-256. Secrets have 256 bits of chance, so no slow hash is needed. */
export interface RobotSecret {
  readonly hash: string;
  /** A rotated secret works until then, so that nothing stops in between; null = the current one. */
  readonly validUntil: string | null;
}

export interface RobotWithSecrets extends Robot {
  readonly secrets: readonly RobotSecret[];
}

export type NewRobot = Pick<
  Robot,
  'name' | 'kind' | 'scopes' | 'description' | 'createdBy' | 'createdAt' | 'expiresAt'
>;

/** Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out; ROBOT_NOT_FOUND, ROBOT_EXISTS by name. */
export interface Robots {
  /** The same robot with the same secret again, as after a lost answer, is no ROBOT_EXISTS. */
  create(robot: NewRobot, secretHash: string): Promise<Robot>;
  get(name: string): Promise<Robot | null>;
  /** By name. */
  list(): Promise<readonly Robot[]>;
  /** Older secrets work until `oldValidUntil` at most. Idempotent by the new secret. */
  rotate(name: string, secretHash: string, oldValidUntil: string, at: string): Promise<Robot>;
  /** Null enables it again. */
  setDisabled(name: string, at: string | null): Promise<Robot>;
  remove(name: string): Promise<void>;
  /** Newest time wins; unknown ones are ignored. */
  recordUse(uses: readonly { readonly name: string; readonly at: string }[]): Promise<void>;
}
