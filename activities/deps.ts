import type { Digest } from '../src/domain/digest';
import type { Builder } from '../src/ports/builder';
import type { FreezeCalendar, Freezes } from '../src/ports/freezes';
import type { Inventory } from '../src/ports/inventory';
import type { Ledger } from '../src/ports/ledger';
import type { MetricsSource } from '../src/ports/metrics-source';
import type { Notifier } from '../src/ports/notifier';
import type { PendingPushes } from '../src/ports/pending-pushes';
import type { Registry } from '../src/ports/registry';
import type { RegistryCatalog } from '../src/ports/registry-catalog';
import type { Rescans } from '../src/ports/rescans';
import type { Rollout } from '../src/ports/rollout';
import type { Scanner } from '../src/ports/scanner';
import type { ScenarioRunner } from '../src/ports/scenarios';
import type { KeyManagement, Signer, TransparencyLog } from '../src/ports/signer';

/** Everything activities touch. Each group takes the part it needs. */
export interface Deps {
  readonly builder: Builder;
  readonly registry: Registry;
  /** The registry itself, past the gateway. */
  readonly catalog: RegistryCatalog;
  readonly inventory: Inventory;
  readonly pendingPushes: PendingPushes;
  readonly rescans: Rescans;
  readonly freezes: Freezes;
  readonly freezeCalendar: FreezeCalendar;
  readonly signer: Signer;
  readonly kms: KeyManagement;
  readonly log: TransparencyLog;
  readonly scanner: Scanner;
  readonly rollout: Rollout;
  readonly metrics: MetricsSource;
  /** How often `metrics` takes a sample of its sources. */
  readonly scrapeIntervalMs: number;
  readonly scenarios: ScenarioRunner;
  readonly ledger: Ledger;
  readonly notifier: Notifier;
  /** Base name as a Dockerfile writes it, to the mirror it is pinned to. */
  readonly bases: Readonly<
    Record<string, { readonly repository: string; readonly digest: Digest }>
  >;
  /** `builder.id` that our builder writes in the provenance. */
  readonly builderId: string;
  /** Absolute folder; sources of releases lie below it. */
  readonly sourceRoot: string;
  /** Who wrote a commit of a folder, by its git; null where it is in no git repository, or without that commit. */
  readonly readAuthor: (folder: string, revision: string) => Promise<string | null>;
  /** The commit a folder is at; null where it is in no git repository. */
  readonly readRevision: (folder: string) => Promise<string | null>;
  readonly now: () => Date;
}
