import type { Digest } from './digest';

interface Hit {
  readonly svc: string;
  readonly digest: Digest;
  readonly where: string;
  readonly prod: boolean;
}

interface Alert {
  readonly digests: readonly Digest[];
  readonly reason: string;
  readonly cves: readonly string[];
  readonly by: string;
  readonly hits: readonly Hit[];
  /** Hits that are not listed. */
  readonly more: number;
  readonly unknown: readonly string[];
}

export interface AlertText {
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly text: string;
}

const MAX_LINES = 20;

function firstOf(lines: readonly string[], more = 0): string {
  const left = lines.length - MAX_LINES + more;
  const shown = lines.slice(0, MAX_LINES).join('; ');
  return left > 0 && lines.length + more > MAX_LINES ? `${shown}; and ${left} more` : shown;
}

/** What people are told of a quarantine: why, which advisories, and which workloads it hits. Critical when prod is among them. */
export function describeQuarantine(alert: Alert): AlertText {
  const { digests, reason, cves, by, hits, more, unknown } = alert;
  const [first = ''] = digests;
  const what = digests.length === 1 ? first.slice(0, 19) : `${digests.length} digests`;
  const lines = hits.map(({ svc, where, digest }) => `${svc} ${where}: ${digest}`);
  const parts = [
    `${by}: ${reason}.`,
    cves.length > 0 ? `Advisories: ${firstOf(cves)}.` : '',
    hits.length > 0
      ? `Hit: ${firstOf(lines, more)}.`
      : 'No channel has it, and nothing known runs it.',
    unknown.length > 0 ? `Not known: ${firstOf(unknown)}.` : '',
    'Nothing new of it is pulled, promoted or admitted.',
  ];
  return {
    severity: hits.some(({ prod }) => prod) || unknown.length > 0 ? 'critical' : 'warning',
    title: `Quarantined: ${what}${hits.length > 0 ? `, ${hits.length + more} places run it` : ''}`,
    text: parts.filter((part) => part !== '').join(' '),
  };
}
