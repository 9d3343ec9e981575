import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { createArgoRollout } from '../adapters/kubernetes/argo-rollout';
import { loadClusterAccess } from '../adapters/kubernetes/cluster-access';
import { createKubernetesRollout } from '../adapters/kubernetes/kubernetes-rollout';
import { createRuncRollout } from '../adapters/runc/runc-rollout';
import type { RolloutConfig } from '../config/rollout';
import type { Rollout } from '../ports/rollout';

const POLL_MS = 1000;
const SETTLE_TIMEOUT_MS = 60_000;

/** The target that PLURA_ROLLOUT names. */
export async function createRollout(
  config: RolloutConfig,
  timeoutMs: number,
  logger: Logger,
): Promise<Rollout> {
  if (config.kind === 'runc') {
    const token = (await readFile(config.tokenFile, 'utf8')).trim();
    return createRuncRollout({ url: config.url, token, timeoutMs });
  }
  const shared = {
    access: await loadClusterAccess(config.kubeConfigFile),
    timeoutMs,
    pollMs: POLL_MS,
    onNotice: (notice: string, at: { readonly svc: string; readonly env: string }): void => {
      logger.warn({ svc: at.svc, env: at.env, notice }, 'rollout in the cluster');
    },
  };
  return config.kind === 'kubernetes'
    ? createKubernetesRollout({ ...config, ...shared })
    : createArgoRollout({ ...config, ...shared, settleTimeoutMs: SETTLE_TIMEOUT_MS });
}
