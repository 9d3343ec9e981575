import {
  MAX_TURNAROUND_RELEASES,
  type ServiceTurnaround,
  type TurnaroundAnswer,
} from '../../contract/schema/api-turnaround';
import type { ReleaseStatus } from '../../domain/release';
import { splitTurnaround, type RetriedTime } from '../../domain/turnaround';
import { summarizeTurnaround } from '../../domain/turnaround-summary';
import type { ActivityRetry } from '../../ports/ledger';
import type { ApiDependencies } from '../dependencies';

const DAY_MS = 86_400_000;

/** Where the time of the releases of the last days went, by service, the slowest first. */
export async function answerTurnaround(
  { ledger, now }: Pick<ApiDependencies, 'ledger' | 'now'>,
  { svc, days }: { readonly svc?: string | undefined; readonly days: number },
): Promise<TurnaroundAnswer> {
  const since = new Date(now().getTime() - days * DAY_MS).toISOString();
  const statuses = await ledger.listReleases({
    ...(svc !== undefined && { svc }),
    since,
    limit: MAX_TURNAROUND_RELEASES + 1,
  });
  const ended = statuses
    .slice(0, MAX_TURNAROUND_RELEASES)
    .filter((status) => status.outcome !== undefined);
  const retries = await ledger.listRetries(ended.filter(isReleased).map((one) => one.releaseId));
  const ofRelease = groupByRelease(retries);
  const names = [...new Set(ended.map((status) => status.svc))];
  const services = names.map((name) =>
    summarizeService(
      name,
      ended.filter((status) => status.svc === name),
      ofRelease,
    ),
  );
  return {
    since,
    days,
    truncated: statuses.length > MAX_TURNAROUND_RELEASES,
    services: services.sort((a, b) => b.total.p95Ms - a.total.p95Ms || (a.svc < b.svc ? -1 : 1)),
  };
}

function groupByRelease(
  retries: readonly ActivityRetry[],
): ReadonlyMap<string, readonly RetriedTime[]> {
  const groups = new Map<string, RetriedTime[]>();
  for (const retry of retries) {
    const known = groups.get(retry.releaseId);
    if (known) known.push(retry);
    else groups.set(retry.releaseId, [retry]);
  }
  return groups;
}

function isReleased({ outcome }: ReleaseStatus): boolean {
  return outcome === 'released';
}

/** What was rejected or aborted has no way to prod that could be measured; it is counted only. */
function summarizeService(
  svc: string,
  ended: readonly ReleaseStatus[],
  retries: ReadonlyMap<string, readonly RetriedTime[]>,
): ServiceTurnaround {
  const released = ended.filter(isReleased);
  const split = released.flatMap(
    (status) => splitTurnaround(status, retries.get(status.releaseId) ?? []) ?? [],
  );
  return {
    svc,
    notReleased: ended.length - released.length,
    ...summarizeTurnaround(split),
  };
}
