import type { Logger } from 'pino';
import type { RegistryPolicy } from '../domain/policy';
import type { AllowList } from '../ports/allow-list';
import type { GatewayState } from '../ports/gateway-state';
import type { Inventory } from '../ports/inventory';
import type { Leases } from '../ports/leases';
import type { Robots } from '../ports/robots';
import type { UploadLeases } from '../ports/upload-leases';
import type { Backend } from './backend/backend';
import type { FolderEvidence } from './evidence/folder-evidence';
import type { GatewayMetrics } from './metrics';
import type { StateCache } from './state/state-cache';
import type { BlobStorage } from './storage/blob-storage';

export interface GatewayDependencies {
  readonly backend: Backend;
  /** Where the registry keeps its blobs, when the gateway can read them there; absent: the registry sends them. */
  readonly storage?: BlobStorage;
  /** The quick way to what is attached to an image; its owner closes it. */
  readonly folderEvidence?: FolderEvidence;
  readonly inventory: Inventory;
  readonly leases: Pick<Leases, 'find'>;
  readonly uploads: Pick<UploadLeases, 'beginCommit' | 'endCommit' | 'isNamed' | 'lease'>;
  readonly holds: Pick<AllowList, 'listHolds'>;
  readonly state: GatewayState;
  /** How long a lease that was just taken need not be taken again, in ms; default five minutes. */
  readonly rememberedMs?: number;
  readonly robots: Pick<Robots, 'recordUse'>;
  readonly cache: StateCache;
  readonly policy: RegistryPolicy;
  /** Labels that an image must carry; the policy's `build.requiredLabels`. */
  readonly requiredLabels: readonly string[];
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly now: () => Date;
  /** Scheme and host by which clients reach us; absent: relative Location headers, realm from Host. */
  readonly publicUrl?: string;
  /** Signs tokens; derived from the KMS, the same in every replica. */
  readonly tokenKey: Uint8Array;
  /** Bearer secret of the registry's own notifications; absent: none are taken. */
  readonly notificationSecret?: string;
}
