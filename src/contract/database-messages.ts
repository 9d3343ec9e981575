import type { DatabaseAge, DatabaseKind } from '../domain/advisories/database-mirror';

export interface DatabaseMirrorSettings {
  readonly kinds: readonly DatabaseKind[];
  /** Scans don't believe an older one: scan.databaseMaxAge of the policy. */
  readonly maxAgeMs: number;
}

/** Argument of databaseMirrorWorkflow. */
export interface DatabaseMirrorInput {
  readonly settings: DatabaseMirrorSettings;
}

/** What became of one kind. */
export interface DatabaseMirrorLine {
  readonly kind: DatabaseKind;
  /** refused: what the source has must not take the place of ours; failed: it could not be brought. */
  readonly outcome: 'mirrored' | 'unchanged' | 'refused' | 'failed';
  /** Why, for the last two. */
  readonly reason: string | null;
  /** RFC 3339: when the advisories of what we have now were collected; null when we have none. */
  readonly updatedAt: string | null;
  readonly age: DatabaseAge | null;
}

/** Result of databaseMirrorWorkflow, and what its query `getReport` shows meanwhile. */
export interface DatabaseMirrorReport {
  /** RFC 3339 */
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** The worst of its lines; null while it runs. */
  readonly outcome: DatabaseMirrorLine['outcome'] | null;
  readonly lines: readonly DatabaseMirrorLine[];
  /** Whether the index is being matched with what is new. */
  readonly watchStarted: boolean;
}

/** Wire names. */
export const DATABASE_MESSAGES = { getReport: 'getReport' } as const;

export const DATABASE_WORKFLOWS = { mirror: 'databaseMirrorWorkflow' } as const;
