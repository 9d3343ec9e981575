import { eventQueueOf } from '../../activity/event-queue';
import type { GatewayDependencies } from '../../dependencies';
import type { AccessEntry } from '../../http/access-log';
import type { Route } from '../../http/route';

/** Someone known tried what policy does not want. What any registry would refuse, and failed logins, are no such events. */
const POLICY: ReadonlySet<string> = new Set([
  'app-content',
  'app-tag-grammar',
  'base-tag-grammar',
  'bases-by-custodian-only',
  'channel-tag',
  'channels-by-system-only',
  'chart-content',
  'chart-name',
  'chart-tag-grammar',
  'chart-version',
  'companion-content',
  'index-children',
  'no-latest',
  'quarantined',
  'referrers-entry',
  'referrers-tag-index',
  'required-labels',
  'scope',
  'tag-write-once',
  'unknown-namespace',
]);
const MAX_MESSAGE = 500;
/** Of a config or chart that somebody else wrote: control characters and changes of direction would reach an operator's terminal. */
// eslint-disable-next-line no-control-regex -- these are what is replaced
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

type ReportDependencies = Pick<GatewayDependencies, 'inventory' | 'log' | 'now'>;

function targetOf(route: Route): string {
  if (route.kind !== 'manifest') return 'digest' in route ? route.digest : '';
  const { reference } = route;
  return reference.kind === 'tag' ? reference.tag : reference.digest;
}

/** A push, of a manifest or a blob, that policy refused becomes an event; not waited for. */
export function reportRefusedPush(
  deps: ReportDependencies,
  { route, actor, refused }: AccessEntry,
  requestId: string,
): void {
  if (!route || !('repository' in route) || !refused || !POLICY.has(refused.refusal.rule)) return;
  const { rule, message, detail } = refused.refusal;
  const { repository } = route;
  const reference = targetOf(route);
  deps.log.info({ requestId, repository, reference, actor, rule }, 'push refused');
  const holder = detail?.['digest'];
  eventQueueOf(deps).add({
    kind: 'push-refused',
    repository,
    reference,
    actor,
    at: deps.now().toISOString(),
    detail: {
      rule,
      message: message.slice(0, MAX_MESSAGE).replaceAll(UNPRINTABLE, '?'),
      ...(holder !== undefined && { digest: holder }),
    },
  });
}
