import { ReleaseError } from '../../contract/errors';
import type { Actor, Role } from '../../domain/actor';

/** Who may do what; the whole of it. `admin` may do everything. */
const PERMISSIONS = {
  read: ['viewer', 'releaser', 'approver', 'operator', 'security', 'break-glass'],
  promote: ['releaser'],
  approve: ['approver'],
  /** Any release. */
  abort: ['operator', 'security'],
  /** Releases one has asked for. */
  abortOwn: ['releaser', 'operator', 'security'],
  rollback: ['operator'],
  /** The key itself is the permission; who holds it need not be an operator. */
  rollbackByKey: ['releaser', 'operator'],
  revealRevertKey: ['operator'],
  mintDecisionToken: ['approver', 'operator', 'security', 'releaser'],
  controlLane: ['operator'],
  releaseDigest: ['security', 'operator'],
  /** Starting a run of the registry's reconcile. */
  reconcile: ['operator'],
  /** Starting a rollback drill. */
  drill: ['operator'],
  /** Starting a check of what runs. */
  check: ['operator', 'security'],
  /** Freezes, and stopping the line. */
  freeze: ['operator'],
  /** Putting a digest under quarantine and lifting it. */
  quarantine: ['security'],
  /** Letting a digest run, or letting it no more, where the channels say otherwise. */
  grant: ['operator', 'security'],
  /** Likewise in prod, and where it can't be told that it is not prod. */
  grantProd: ['security'],
  /** Letting nobody run a digest, and lifting that. */
  deny: ['security'],
  /** Writing what one knows or did into the case of an advisory. */
  noteAdvisory: ['operator', 'security'],
  /** Adding to the clock of a case, and closing it as not affected. */
  decideAdvisory: ['security'],
  /** Bringing the scanner's databases, now. */
  mirrorDatabases: ['operator', 'security'],
  /** Asking that a vulnerability be let pass. Of a Critical or High: break-glass alone. */
  requestException: ['releaser', 'operator', 'security', 'break-glass'],
  /** Likewise, when somebody else asked. */
  approveException: ['security', 'break-glass'],
  revokeException: ['operator', 'security', 'break-glass'],
  /** Keeping a digest, and keeping it no more. */
  holdDigest: ['operator', 'security'],
  /** Making an incident copy, and locking it for longer: nobody can undo it. */
  copyIncident: ['security'],
  verifyCopies: ['operator', 'security'],
  /** Evidence may tell more than the registry does. */
  exportCopies: ['security'],
  /** Putting an incident copy back. */
  restoreCopies: ['operator', 'security'],
  /** Scanning what is kept again, now. */
  rescan: ['operator', 'security'],
  /** Bringing bases in, by the rules of the policy. */
  importBases: ['operator', 'security'],
  /** Taking a digest for the vendor's on one's own word. */
  approveBases: ['security'],
  withdrawBases: ['security'],
  /** Calling a signing key back, for good. */
  revokeKeys: ['security'],
  /** Renewing bases: planning and running rollups, and keeping services out of them. */
  rollup: ['operator'],
  /** Planning a clean-up of the registry, running its plans, and asking what another policy would change. */
  collect: ['operator'],
  /** Taking the responsibility for a plan, the first one and those over budget. */
  approveCollection: ['security'],
  /** Closing the registry to pushes. */
  maintain: ['operator'],
  /** Robots of the kinds robot and observer. */
  manageRobots: ['operator'],
  /** In an incident security need not wait for an operator. */
  disableRobots: ['operator', 'security'],
  /** System robots and custodians: whoever gets such a secret may write channels and bases. */
  managePrivilegedRobots: ['admin'],
  /** Robots that never expire. */
  createLastingRobots: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

export function isAllowed(actor: Actor, permission: Permission): boolean {
  const allowed: readonly Role[] = PERMISSIONS[permission];
  return actor.roles.some((role) => role === 'admin' || allowed.includes(role));
}

/** @throws ReleaseError FORBIDDEN */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (isAllowed(actor, permission)) return;
  const needed = PERMISSIONS[permission].join(' or ');
  const held = actor.roles.join(', ') || 'none';
  throw new ReleaseError(
    'FORBIDDEN',
    `${actor.subject} may not do this: it needs the role ${needed}, and the token carries ${held}`,
    { details: { remedy: `ask for the role ${needed}, or someone who has it` } },
  );
}
