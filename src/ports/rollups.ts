import type { Digest } from '../domain/digest';
import type { ServiceName } from '../domain/reference';
import type { ReleaseStatus } from '../domain/release';
import type { RollupOptOut } from '../domain/rollup/plan';
import type { RollupReport } from '../domain/rollup/report';
import type { RebuildSight } from '../domain/rollup/settle';

/** What is prod:stable of a service, with the release it came by. */
export interface StableRelease {
  readonly svc: ServiceName;
  readonly digest: Digest;
  /** Null when no release of it is on record. */
  readonly release: Pick<ReleaseStatus, 'releaseId' | 'version' | 'revision' | 'origin'> | null;
}

/** Rollups, and who stays out of them. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface Rollups {
  /** Replaces what was kept of it; one that has ended stays as it is. */
  save(report: RollupReport): Promise<void>;
  get(id: string): Promise<RollupReport | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly RollupReport[]>;
  /** One a service: the newest stands. */
  optOut(one: RollupOptOut): Promise<void>;
  /** False when there was none. */
  removeOptOut(svc: ServiceName): Promise<boolean>;
  /** By service, those that are over too; at most 10,000. */
  listOptOuts(): Promise<readonly RollupOptOut[]>;
  /** By service, of all of them or of `only`. */
  stable(only: readonly ServiceName[] | null): Promise<readonly StableRelease[]>;
  /** In the order they are asked for. */
  sight(
    asked: readonly { readonly svc: ServiceName; readonly releaseId: string }[],
  ): Promise<readonly RebuildSight[]>;
}
