import {
  MAX_TURNAROUND_RELEASES,
  type ServiceTurnaround,
  type TurnaroundAnswer,
} from '../../contract/schema/api-turnaround';
import type { ReleaseStatus } from '../../domain/release';
import { splitTurnaround } from '../../domain/turnaround';
import { summarizeTurnaround } from '../../domain/turnaround-summary';
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
  const names = [...new Set(ended.map((status) => status.svc))];
  const services = names.map((name) =>
    summarizeService(
      name,
      ended.filter((status) => status.svc === name),
    ),
  );
  return {
    since,
    days,
    truncated: statuses.length > MAX_TURNAROUND_RELEASES,
    services: services.sort((a, b) => b.total.p95Ms - a.total.p95Ms || (a.svc < b.svc ? -1 : 1)),
  };
}

/** What was rejected or aborted has no way to prod that could be measured; it is counted only. */
function summarizeService(svc: string, ended: readonly ReleaseStatus[]): ServiceTurnaround {
  const released = ended.filter((status) => status.outcome === 'released');
  const split = released.flatMap((status) => splitTurnaround(status) ?? []);
  return {
    svc,
    notReleased: ended.length - released.length,
    ...summarizeTurnaround(split),
  };
}
