import type { Server } from 'node:http';
import { createActivityRecorder } from './activity/activity-recorder';
import { createAuthenticator } from './auth/authenticator';
import { createTokenHandler } from './auth/token-handler';
import { createUploadHandler } from './blobs/continue-upload';
import { createUploadsHandler } from './blobs/open-upload';
import { createBlobHandler } from './blobs/read-blob';
import type { GatewayDependencies } from './dependencies';
import { createEvidenceHandler } from './evidence/get-evidence';
import type { Handler } from './exchange';
import { createDispatcher, type Handlers } from './http/dispatch';
import { createBaseHandler, createHealthHandler, createMetricsHandler } from './http/health';
import { createCatalogHandler } from './listing/list-repositories';
import { createTagsHandler } from './listing/list-tags';
import { createDeleteManifestHandler } from './manifests/delete/delete-manifest';
import { createGetManifestHandler, type PullDependencies } from './manifests/pull/get-manifest';
import { createPutManifestHandler } from './manifests/push/put-manifest';
import { createNotificationsHandler } from './notifications/take-notifications';
import { createToldPushers } from './pushers/told-pushers';
import { createReferrersHandler } from './referrers/list-referrers';
import { createGatewayServer, stopServer } from './server';

export interface Gateway {
  readonly server: Server;
  /** Takes no new requests, lets running ones end (cut off after `graceMs`, default 30 s), writes down what waits. */
  close(graceMs?: number): Promise<void>;
}

const GRACE_MS = 30_000;

function createManifestHandler(deps: PullDependencies & GatewayDependencies): Handler<'manifest'> {
  const get = createGetManifestHandler(deps);
  const put = createPutManifestHandler(deps);
  const remove = createDeleteManifestHandler(deps);
  return (exchange) => {
    const { method } = exchange.request;
    if (method === 'PUT') return put(exchange);
    return method === 'DELETE' ? remove(exchange) : get(exchange);
  };
}

/** The registry gateway: the OCI distribution protocol, with our rules in front of a registry. Listens to nothing yet. */
export function createGateway(deps: GatewayDependencies): Gateway {
  const authenticator = createAuthenticator(deps);
  const activity = createActivityRecorder(deps);
  const toldPushers = createToldPushers(deps);
  const handlers: Handlers = {
    base: createBaseHandler(),
    token: createTokenHandler(deps),
    catalog: createCatalogHandler(deps),
    notifications: createNotificationsHandler(deps),
    health: createHealthHandler(deps),
    metrics: createMetricsHandler(deps),
    tags: createTagsHandler(deps),
    manifest: createManifestHandler({ ...deps, activity, toldPushers }),
    blob: createBlobHandler({ ...deps, toldPushers }),
    uploads: createUploadsHandler(deps),
    upload: createUploadHandler(deps),
    referrers: createReferrersHandler(deps),
    evidence: createEvidenceHandler({ ...deps, activity }),
  };
  let isStopping = false;
  const onRequest = createDispatcher({
    deps,
    authenticator,
    handlers,
    isStopping: () => isStopping,
  });
  const server = createGatewayServer({ onRequest });
  return {
    server,
    close: async (graceMs = GRACE_MS) => {
      isStopping = true;
      await stopServer(server, graceMs);
      await Promise.all([authenticator.close(), activity.close()]);
    },
  };
}
