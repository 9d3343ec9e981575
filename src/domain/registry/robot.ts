import type { RobotKind } from './principal';

const NAME = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/;
const MAX_NAME = 63;
/** Stands in records for who showed nothing. */
const ANONYMOUS = 'anonymous';

/** Lower-case letters, digits and single `. _ -` between them, e.g. `checkout-ci`; at most 63 characters. */
export function isRobotName(text: string): boolean {
  return text.length <= MAX_NAME && NAME.test(text) && text !== ANONYMOUS;
}

/** Kinds that may write what the rules keep from everyone else: whoever holds their secret can, so only an admin handles them. */
export function isPrivilegedKind(kind: RobotKind): boolean {
  return kind === 'system' || kind === 'custodian';
}

export type RobotState = 'active' | 'disabled' | 'expired';

export interface RobotLife {
  /** RFC 3339; null = never. */
  readonly expiresAt: string | null;
  readonly disabledAt: string | null;
}

export function robotState({ expiresAt, disabledAt }: RobotLife, nowMs: number): RobotState {
  if (disabledAt !== null) return 'disabled';
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
}

/** `validUntil` is RFC 3339; null for the current secret. */
export function isSecretValid(
  { validUntil }: { readonly validUntil: string | null },
  nowMs: number,
): boolean {
  return validUntil === null || nowMs < Date.parse(validUntil);
}
