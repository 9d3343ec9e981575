export const ROLES = [
  'viewer',
  'releaser',
  'approver',
  'operator',
  'security',
  'admin',
  /** Lets a Critical or High pass for hours, with a second one of the role; held by few, and by nobody through another role. */
  'break-glass',
] as const;
export type Role = (typeof ROLES)[number];

/** Who asked, as verified from their token. `subject` is the JWT `sub` claim. */
export interface Actor {
  readonly subject: string;
  readonly roles: readonly Role[];
}

/** The system itself: compensations, watchers. */
export const SYSTEM_ACTOR: Actor = { subject: 'system:plura', roles: [] };
