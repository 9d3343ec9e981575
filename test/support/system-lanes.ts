import { Client } from '@temporalio/client';
import { createSystemLanes } from '../../src/main/system-lanes';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import type { SystemLanes } from '../../src/ports/system-lanes';
import type { DevServer } from './dev-server';

/** The lanes of a dev server, asked over the connection that a worker has. */
export function realLanes({ environment }: Pick<DevServer, 'environment'>): SystemLanes {
  const client = new Client({ connection: environment.nativeConnection });
  return createSystemLanes(
    createOrchestrator({ client, deadlineMs: 10_000, rollbackDeadlineMs: 20_000 }),
  );
}
