import { join } from 'node:path';
import type { StackState } from './state';

/** Logs stock tools in as the robot for people; the secret goes from its file, so it stands in no command line. */
export function loginLine({ registry, robots }: Pick<StackState, 'registry' | 'robots'>): string {
  const file = join(robots, 'demo');
  const quoted = /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return `crane auth login ${new URL(registry).host} --username demo --password-stdin < ${quoted}`;
}

/** Addresses of a running stack as a small table. */
export function summaryOf(state: StackState): string {
  const rows = [
    ['API', state.api],
    ['Web UI (Temporal)', state.temporalUi],
    ['registry', state.registry],
    ['registry login', loginLine(state)],
    ['admission webhook', state.admission],
    ['its certificate', state.admissionCa],
    ['Prometheus', state.prometheus],
    ['Rekor', state.rekor],
    ['rollout target', state.target],
    ['token issuer', state.issuer],
    ['logs', state.logs],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`).join('\n');
}
