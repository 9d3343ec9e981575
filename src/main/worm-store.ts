import { createNoWormStore } from '../adapters/s3/no-worm-store';
import { createS3WormStore } from '../adapters/s3/worm-store';
import type { WormConfig } from '../config/worm';
import type { WormStore } from '../ports/worm-store';

/** Where incident copies lie; one that refuses everything where none is configured. */
export function createWormStore(config: WormConfig | null): WormStore {
  if (!config) return createNoWormStore();
  const { endpoint, ...rest } = config;
  return createS3WormStore({ ...rest, ...(endpoint !== null && { endpoint }) });
}
