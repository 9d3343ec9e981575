import { createCommandCollector } from '../adapters/collector/command-collector';
import { createOnlineCollector } from '../adapters/collector/online-collector';
import { loadClusterAccess } from '../adapters/kubernetes/cluster-access';
import { createJobCollector } from '../adapters/kubernetes/job-collector';
import { createKubeClient } from '../adapters/kubernetes/kube-client';
import type { CollectorConfig } from '../config/collector';
import type { Reclaimer } from '../ports/reclaimer';

const CALL_TIMEOUT_MS = 10_000;

/** Null: nobody said how. */
export async function createReclaimer(config: CollectorConfig): Promise<Reclaimer | null> {
  switch (config.kind) {
    case 'none':
      return null;
    case 'online':
      return createOnlineCollector(config.storageDir ?? undefined);
    case 'kubernetes': {
      const access = await loadClusterAccess(config.kubeConfigFile);
      return createJobCollector({
        ...config,
        client: createKubeClient({ access, timeoutMs: CALL_TIMEOUT_MS }),
      });
    }
    case 'command': {
      const { command, stop, storageDir } = config;
      return createCommandCollector({
        command,
        ...(stop !== null && { stop }),
        ...(storageDir !== null && { storageDir }),
      });
    }
  }
}
