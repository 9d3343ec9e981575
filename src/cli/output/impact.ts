import type { ImpactedDigestView, ImpactView } from '../../contract/schema/api-impact';
import { shortenDigest, type Paint } from './style';
import { formatTable } from './table';

const MAX_COMPONENTS = 3;
const HEAD = [
  'digest',
  'service',
  'channels',
  'runs in',
  'severity',
  'advisory',
  'package',
  'fixed in',
];

export function formatImpact(view: ImpactView, paint: Paint): string {
  const { digests, total } = view;
  if (total === 0) return `${paint.green('nothing is hit')}, ${knownOf(view, paint)}\n`;
  const more = total - digests.length;
  const lines = [
    formatTable(HEAD, digests.flatMap(toRows)).trimEnd(),
    `${total} digests are hit, ${knownOf(view, paint)}`,
    ...(more > 0 ? [`${more} more are not shown: --limit`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** By what is known, and what isn't. */
function knownOf({ database, indexed, missing }: ImpactView, paint: Paint): string {
  const by = database === null ? 'never matched' : `advisories of ${database.updatedAt}`;
  const unknown = missing === 0 ? '' : paint.yellow(`; ${missing} are not indexed yet`);
  return `of ${indexed} released digests, ${by}${unknown}`;
}

function toRows(one: ImpactedDigestView): readonly (readonly string[])[] {
  const { digest, services, channels, running, components } = one;
  const place = [
    shortenDigest(digest),
    services.join(', ') || '-',
    channels.map(({ svc, channel, since }) => `${svc} ${channel} since ${since}`).join(', ') || '-',
    running.map(({ svc, env }) => `${svc} ${env}`).join(', ') || '-',
  ];
  const shown = components.slice(0, MAX_COMPONENTS).map(toCells);
  const more = components.length - shown.length;
  const cells = more > 0 ? [...shown, ['', `and ${more} more`, '', '']] : shown;
  return cells.map((row, at) => [...(at === 0 ? place : ['', '', '', '']), ...row]);
}

function toCells(one: ImpactedDigestView['components'][number]): readonly string[] {
  const [name = one.purl] = one.purl.split('?');
  return [one.severity ?? '-', one.advisory ?? '-', name, one.fixedVersion ?? '-'];
}
