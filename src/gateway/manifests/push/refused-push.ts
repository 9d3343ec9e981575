import { eventQueueOf } from '../../activity/event-queue';
import type { GatewayDependencies } from '../../dependencies';
import type { Exchange, RouteOf } from '../../exchange';
import { Refused } from '../../http/refused';

/** Refused for what they are, by any registry; no policy is at work. */
const MALFORMED: ReadonlySet<string> = new Set([
  'ambiguous-key',
  'backend-refused',
  'body-size',
  'child-unknown',
  'config-blob',
  'config-unknown',
  'descriptor-data',
  'docker-schema1',
  'manifest-confusion',
  'manifest-digest',
  'manifest-json',
  'manifest-shape',
  'media-type',
]);
const MAX_MESSAGE = 500;

type ReportDependencies = Pick<GatewayDependencies, 'inventory' | 'log' | 'now'>;

/** A push that a rule refused becomes an event. (The dispatcher counts all that are refused.) */
export function reportRefusedPush(
  deps: ReportDependencies,
  { route, principal, requestId }: Exchange<RouteOf<'manifest'>>,
  error: unknown,
): void {
  if (!(error instanceof Refused) || error.status >= 500) return;
  const { rule, message, detail } = error.refusal;
  if (MALFORMED.has(rule)) return;
  const { repository, reference } = route;
  const target = reference.kind === 'tag' ? reference.tag : reference.digest;
  deps.log.info(
    { requestId, repository, reference: target, actor: principal.name, rule },
    'push refused',
  );
  const holder = detail?.['digest'];
  eventQueueOf(deps).add({
    kind: 'push-refused',
    repository,
    reference: target,
    actor: principal.name,
    at: deps.now().toISOString(),
    detail: {
      rule,
      message: message.slice(0, MAX_MESSAGE),
      ...(holder !== undefined && { digest: holder }),
    },
  });
}
