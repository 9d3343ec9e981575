import {
  NOTIFICATION_TYPE,
  registryNotification,
} from '../../contract/schema/registry-notification';
import { shapeProblems } from '../../contract/schema/oci-manifest';
import type { GatewayDependencies } from '../dependencies';
import type { Handler } from '../exchange';
import { refused, type Refused } from '../http/refused';
import { readBody } from '../manifests/push/read-body';
import { applyNews, type NewsDependencies } from './apply-news';
import { assertBearer } from './bearer';
import { readNews, type RegistryNews } from './registry-event';

const MAX_BYTES = 1_000_000;
/** Half a second in all: a push of ours has written down its end by then. */
const PATIENCE_MS = [50, 150, 300];

interface NotificationDependencies
  extends NewsDependencies, Pick<GatewayDependencies, 'log' | 'notificationSecret'> {
  /** Milliseconds between looks at what is not known yet; default: half a second in all. */
  readonly patienceMs?: readonly number[];
}

function malformed(message: string): Refused {
  return refused({
    code: 'UNSUPPORTED',
    status: 400,
    rule: 'notification',
    message,
    remedy: 'point the endpoint of a distribution registry here, nothing else',
  });
}

function readEnvelope(bytes: Buffer): readonly RegistryNews[] {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw malformed('The notification is not JSON');
  }
  const parsed = registryNotification.safeParse(json);
  if (!parsed.success) throw malformed(shapeProblems(parsed.error));
  return parsed.data.events.flatMap((event) => readNews(event) ?? []);
}

/**
 * The registry's own notifications (distribution/docs/content/about/notifications.md). Answered when all is recorded, so that
 * what was not is sent again.
 */
export function createNotificationsHandler(
  deps: NotificationDependencies,
): Handler<'notifications'> {
  return async ({ request, response, requestId }) => {
    assertBearer(request, deps.notificationSecret);
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    if (type.trim() !== NOTIFICATION_TYPE)
      throw malformed(`Content-Type is not ${NOTIFICATION_TYPE}`);
    const news = readEnvelope(
      await readBody(request, { what: 'notification', maxBytes: MAX_BYTES }),
    );
    const patience = [...(deps.patienceMs ?? PATIENCE_MS)];
    for (const one of news) await applyNews(deps, one, patience);
    deps.log.debug({ requestId, events: news.length }, 'notifications are recorded');
    response.writeHead(200, { 'content-length': 0 });
    response.end();
  };
}
