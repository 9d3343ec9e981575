import type { StackState } from './state';

/** Addresses of a running stack as a small table. */
export function summaryOf(state: StackState): string {
  const rows = [
    ['API', state.api],
    ['Web UI (Temporal)', state.temporalUi],
    ['registry', state.registry],
    ['Prometheus', state.prometheus],
    ['Rekor', state.rekor],
    ['rollout target', state.target],
    ['token issuer', state.issuer],
    ['logs', state.logs],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`).join('\n');
}
