import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { PromoteAnswer } from '../../src/contract/schema/api-promotion';
import { ReleaseView } from '../../src/contract/schema/api-release';
import { RollbackAnswer } from '../../src/contract/schema/api-rollback';
import { LaneView, ReleaseDigestAnswer, ServiceView } from '../../src/contract/schema/api-service';
import type { BenchStack } from './bench-stack';

const POLL_MS = 20;
const CALL_TIMEOUT_MS = 90_000;
const RELEASE_TIMEOUT_MS = 180_000;

export interface SourceRelease {
  readonly svc: string;
  readonly path: string;
  readonly version: string;
  readonly revision: string;
}

/** The API as a person's program would use it. Anything but success throws. */
export interface ApiClient {
  /** Promotes and waits for the end; any end but `released` throws. */
  release(wanted: SourceRelease): Promise<ReleaseView>;
  rollBack(svc: string, digest: string): Promise<RollbackAnswer>;
  releaseDigest(svc: string, digest: string): Promise<void>;
  resumeLane(svc: string): Promise<void>;
  service(svc: string): Promise<ServiceView>;
}

async function readToken({ addresses, stateDir }: BenchStack, subject: string): Promise<string> {
  const secret = (await readFile(path.join(stateDir, 'issuer-secret'), 'utf8')).trim();
  const response = await fetch(`${addresses.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

/** Logs in as `root`, who may do everything, so that one client drives a whole benchmark. */
export async function createApiClient(running: BenchStack): Promise<ApiClient> {
  const token = await readToken(running, 'root');

  async function call<T extends z.ZodType>(
    url: string,
    schema: T,
    body?: unknown,
  ): Promise<z.output<T>> {
    const response = await fetch(new URL(url, running.addresses.api), {
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      ...(body === undefined ? { headers: { authorization: `Bearer ${token}` } } : {}),
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  }

  async function ended(statusUrl: string): Promise<ReleaseView> {
    const deadline = Date.now() + RELEASE_TIMEOUT_MS;
    for (;;) {
      const status = await call(statusUrl, ReleaseView).catch((error: unknown) => {
        // Until the workflow has saved its first status there is none.
        if (Date.now() > deadline || !String(error).includes('answered 404')) throw error;
        return null;
      });
      if (status?.outcome === 'released') return status;
      if (status?.outcome !== undefined || Date.now() > deadline) {
        throw new Error(`${statusUrl}: ${status?.outcome ?? 'no end'}: ${status?.reason ?? ''}`);
      }
      await sleep(POLL_MS);
    }
  }

  return {
    release: async ({ svc, ...source }) => {
      const repo = `apps/${svc}/${svc}`;
      const { statusUrl } = await call('/v1/registry/promote', PromoteAnswer, { repo, source });
      return ended(statusUrl);
    },
    rollBack: (svc, digest) =>
      call('/v1/registry/rollback', RollbackAnswer, {
        repo: `apps/${svc}/${svc}`,
        to: `prod:stable@${digest}`,
        reason: 'bench',
      }),
    releaseDigest: async (svc, digest) => {
      const body = { svc, reason: 'bench' };
      await call(`/v1/registry/digests/${digest}/release`, ReleaseDigestAnswer, body);
    },
    resumeLane: async (svc) => {
      await call(`/v1/registry/services/${svc}/resume`, LaneView, { reason: 'bench' });
    },
    service: (svc) => call(`/v1/registry/services/${svc}`, ServiceView),
  };
}
