import type { BlockView, QuarantineView } from '../../contract/schema/api-quarantine';
import type { Paint } from './style';
import { shortenDigest } from './style';
import { formatTable } from './table';

/** Why nobody may pull it, on one line. */
export function describeBlock({ cves, reason, graceUntil }: BlockView): string {
  const why = cves.length > 0 ? `${cves.join(', ')}: ${reason}` : reason;
  return graceUntil === null ? why : `${why} (may be pulled until ${graceUntil})`;
}

/** For a column: `-` when it may be pulled. */
export function summariseBlock(digest: string, block: BlockView | null): string {
  if (!block) return '-';
  const why = block.cves.length > 0 ? block.cves.join(', ') : block.reason;
  return block.cause === digest ? why : `${why} (through ${shortenDigest(block.cause)})`;
}

export function formatQuarantine(view: QuarantineView, paint: Paint): string {
  const { digest, entry, block, places } = view;
  const head = block ? paint.red('quarantined') : paint.green('may be pulled');
  const lines = [
    `${paint.bold(digest)}  ${head}`,
    ...(block ? [`  why      ${describeBlock(block)}`, `  since    ${block.since}`] : []),
    ...(block?.expiresAt ? [`  until    ${block.expiresAt}`] : []),
    ...(block && block.cause !== digest ? [`  through  ${block.cause}`] : []),
    ...(entry ? [`  by       ${entry.actor}, ${entry.at}`] : []),
    '',
  ];
  if (places.length === 0)
    return [...lines, 'In no repository that the gateway knows', ''].join('\n');
  const rows = places.map((place) => [
    place.repository,
    place.digest === digest ? 'itself' : shortenDigest(place.digest),
    place.tags.join(', ') || '-',
  ]);
  return `${lines.join('\n')}\n${formatTable(['repository', 'digest', 'tags'], rows)}`;
}
