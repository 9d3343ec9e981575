import type { WormCopyView } from '../../../contract/schema/api-worm';
import type { Paint } from '../../output/style';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.4 GiB` */
export function formatSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 ? String(amount) : amount.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}

export function formatCopy(copy: WormCopyView, paint: Paint): string {
  const { state } = copy;
  const colour = { held: paint.green, copying: paint.bold, damaged: paint.red, failed: paint.red };
  const lines = [
    `${paint.bold(copy.id)}  ${colour[state](state)}`,
    `  of        ${copy.repository}@${copy.digest}`,
    `  why       ${copy.reason} (${copy.by}, ${copy.requestedAt})`,
    `  locked    until ${copy.lockUntil}`,
    ...(copy.objects > 0 ? [`  contents  ${copy.objects}, ${formatSize(copy.bytes)}`] : []),
    ...(copy.manifest ? [`  manifest  ${copy.manifest.key}, ${copy.manifest.digest}`] : []),
    `  read back ${copy.verifiedAt ?? 'never'}`,
    ...copy.problems.map((problem) => `  ${paint.red('problem')}   ${problem}`),
  ];
  return `${lines.join('\n')}\n`;
}
