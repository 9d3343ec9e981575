import type { z } from 'zod';
import type { ClusterAccess } from './cluster-access';
import { refusal, unavailable } from './kube-errors';
import { sendToCluster, type KubeAnswer, type KubeRequest } from './kube-http';
import { Failure, parseJson } from './schema';

export interface KubeClientOptions {
  readonly access: ClusterAccess;
  /** Of one call. */
  readonly timeoutMs: number;
}

export const FIELD_MANAGER = 'plura-reg';

/** A JSON object as sent; the API server validates it. */
export type Manifest = Readonly<Record<string, unknown>>;

const PATCH_TYPES = {
  /** Server-side apply: the fields that the body names are ours from then on. */
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  /** Merges as the type's schema says; a map with `$patch: replace` takes the place of the whole map. */
  strategic: 'application/strategic-merge-patch+json',
} as const;

/**
 * The few calls that a rollout makes. Throws ReleaseError ROLLOUT_UNAVAILABLE (no answer, 5xx, 429, no rights) and
 * ROLLOUT_FAILED (the API server or an admission rule refuses the object).
 */
export interface KubeClient {
  /** Null when there is no such object; a missing API is ROLLOUT_UNAVAILABLE. */
  find<T extends z.ZodType>(path: string, answer: T): Promise<z.infer<T> | null>;
  list<T extends z.ZodType>(path: string, query: Query, answer: T): Promise<z.infer<T>>;
  /** Null when the name is taken. */
  create<T extends z.ZodType>(path: string, body: Manifest, answer: T): Promise<z.infer<T> | null>;
  /** Null when the object has changed since the resourceVersion in the body, or is gone. */
  patch<T extends z.ZodType>(
    path: string,
    kind: keyof typeof PATCH_TYPES,
    body: Manifest | readonly Manifest[],
    answer: T,
  ): Promise<z.infer<T> | null>;
  /** Only that very object, as it was read. Gone or changed is fine: somebody else has it then. */
  remove(
    path: string,
    seen: { readonly uid: string; readonly resourceVersion: string },
  ): Promise<void>;
  /** Plain text, e.g. the log of a container. */
  text(path: string, query: Query): Promise<string>;
}

type Query = Readonly<Record<string, string>>;

const withQuery = (path: string, query: Query): string =>
  `${path}?${new URLSearchParams(query).toString()}`;

export function createKubeClient({ access, timeoutMs }: KubeClientOptions): KubeClient {
  const send = (request: KubeRequest): Promise<KubeAnswer> =>
    sendToCluster(access, timeoutMs, request);

  return {
    find: async (path, answer) => {
      const got = await send({ method: 'GET', path });
      return isMissing(got) ? null : parsed(`GET ${path}`, got, answer);
    },
    list: async (path, query, answer) => {
      const got = await send({ method: 'GET', path: withQuery(path, query) });
      return parsed(`GET ${path}`, got, answer);
    },
    create: async (path, body, answer) => {
      const got = await send({
        method: 'POST',
        path: withQuery(path, { fieldManager: FIELD_MANAGER }),
        contentType: 'application/json',
        body,
      });
      return got.status === 409 ? null : parsed(`POST ${path}`, got, answer);
    },
    patch: async (path, kind, body, answer) => {
      // Forced: what the body names was read and compared before, and its resourceVersion says that it is still so.
      const force = kind === 'apply' ? { force: 'true' } : {};
      const got = await send({
        method: 'PATCH',
        path: withQuery(path, { fieldManager: FIELD_MANAGER, ...force }),
        contentType: PATCH_TYPES[kind],
        body,
      });
      return got.status === 409 || isMissing(got) ? null : parsed(`PATCH ${path}`, got, answer);
    },
    remove: async (path, preconditions) => {
      const got = await send({
        method: 'DELETE',
        path,
        contentType: 'application/json',
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions,
        },
      });
      if (got.status >= 300 && got.status !== 409 && !isMissing(got)) {
        throw refusal(`DELETE ${path}`, got);
      }
    },
    text: async (path, query) => {
      const got = await send({ method: 'GET', path: withQuery(path, query) });
      if (got.status !== 200) {
        throw refusal(`GET ${path}`, got);
      }
      return got.text;
    },
  };
}

function parsed<T extends z.ZodType>(what: string, got: KubeAnswer, answer: T): z.infer<T> {
  if (got.status < 200 || got.status > 299) {
    throw refusal(what, got);
  }
  const result = answer.safeParse(parseJson(got.text));
  if (!result.success) {
    throw unavailable(`it answered ${what} with something unknown`, result.error);
  }
  return result.data;
}

/** The API server names what it did not find; the 404 of a path that it does not serve, or of a proxy, has no name. */
function isMissing({ status, text }: KubeAnswer): boolean {
  const failure = status === 404 ? Failure.safeParse(parseJson(text)) : undefined;
  return failure?.data?.reason === 'NotFound' && failure.data.details?.name !== undefined;
}
