import { Readable } from 'node:stream';
import { sha256 } from '../../../../src/adapters/oci/schema';
import type { Backend, BackendRequest } from '../../../../src/gateway/backend/backend';

export interface MemoryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface HeldManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export type Step = 'as usual' | MemoryAnswer | Error;

/** A registry in memory that knows manifests, blobs and tags, and refuses an index whose manifests it lacks, as distribution does. */
export interface MemoryBackend extends Backend {
  /** Each request, `METHOD path`. */
  readonly asked: string[];
  readonly manifests: Map<string, HeldManifest>;
  readonly tags: Map<string, string>;
  /** Headers that every PUT of a manifest is answered with. */
  putHeaders: Readonly<Record<string, string>>;
  addBlob(repository: string, bytes: Buffer): void;
  /** Around the gateway. */
  addManifest(repository: string, bytes: Buffer, mediaType: string, tag?: string): string;
  tagOf(repository: string, tag: string): string | undefined;
  /** Called before a request is served: its answer goes out in place of the usual one, an Error is a lost connection. */
  before: (method: string, path: string) => Step | Promise<Step>;
  /** Called after it was served: an Error loses the answer. */
  after: (method: string, path: string) => Step | Promise<Step>;
}

export function answerOf(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer | string = '',
): MemoryAnswer {
  return { status, headers, body: Buffer.from(body) };
}

export function refusal(status: number, code: string, detail?: unknown): MemoryAnswer {
  return answerOf(
    status,
    {},
    JSON.stringify({ errors: [{ code, message: `no: ${code}`, detail }] }),
  );
}

export function createMemoryBackend(): MemoryBackend {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, HeldManifest>();
  const tags = new Map<string, string>();

  function find(repository: string, reference: string): HeldManifest | undefined {
    const digest = reference.startsWith('sha256:')
      ? reference
      : tags.get(`${repository}:${reference}`);
    return manifests.get(`${repository}@${digest ?? ''}`);
  }

  function read(repository: string, reference: string, method: string): MemoryAnswer {
    const held = find(repository, reference);
    if (!held) return refusal(404, 'MANIFEST_UNKNOWN');
    const headers = {
      'content-type': held.mediaType,
      'docker-content-digest': sha256(held.bytes),
      'content-length': `${held.bytes.length}`,
    };
    return answerOf(200, headers, method === 'HEAD' ? '' : held.bytes);
  }

  function put(
    repository: string,
    reference: string,
    { headers, body }: BackendRequest,
  ): MemoryAnswer {
    const bytes = body as Buffer;
    const json = JSON.parse(bytes.toString()) as { manifests?: { digest: string }[] };
    const missing = (json.manifests ?? []).find(({ digest }) => !find(repository, digest));
    if (missing) return refusal(400, 'MANIFEST_BLOB_UNKNOWN', missing.digest);
    const digest = sha256(bytes);
    manifests.set(`${repository}@${digest}`, { bytes, mediaType: headers?.['content-type'] ?? '' });
    if (!reference.startsWith('sha256:')) tags.set(`${repository}:${reference}`, digest);
    return answerOf(201, { 'docker-content-digest': digest, ...backend.putHeaders });
  }

  function remove(repository: string, reference: string): MemoryAnswer {
    if (!find(repository, reference)) return refusal(404, 'MANIFEST_UNKNOWN');
    if (!reference.startsWith('sha256:')) {
      tags.delete(`${repository}:${reference}`);
      return answerOf(202);
    }
    manifests.delete(`${repository}@${reference}`);
    for (const [tag, digest] of tags) if (digest === reference) tags.delete(tag);
    return answerOf(202);
  }

  function serve(request: BackendRequest): MemoryAnswer {
    const { method, path } = request;
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)/.exec(path) ?? [];
    if (kind === 'blobs') {
      const blob = blobs.get(`${repository}@${reference}`);
      return blob ? answerOf(200, {}, blob) : refusal(404, 'BLOB_UNKNOWN');
    }
    if (kind !== 'manifests') return answerOf(404, {}, '404 page not found\n');
    if (method === 'PUT') return put(repository, reference, request);
    return method === 'DELETE'
      ? remove(repository, reference)
      : read(repository, reference, method);
  }

  async function fetched(request: BackendRequest): Promise<MemoryAnswer> {
    const { method, path } = request;
    backend.asked.push(`${method} ${path}`);
    const first = await backend.before(method, path);
    if (first instanceof Error) throw first;
    if (first !== 'as usual') return first;
    const answer = serve(request);
    const last = await backend.after(method, path);
    if (last instanceof Error) throw last;
    return last === 'as usual' ? answer : last;
  }

  const backend: MemoryBackend = {
    asked: [],
    manifests,
    tags,
    putHeaders: {},
    before: () => 'as usual',
    after: () => 'as usual',
    addBlob: (repository, bytes) => blobs.set(`${repository}@${sha256(bytes)}`, bytes),
    addManifest: (repository, bytes, mediaType, tag) => {
      const digest = sha256(bytes);
      manifests.set(`${repository}@${digest}`, { bytes, mediaType });
      if (tag !== undefined) tags.set(`${repository}:${tag}`, digest);
      return digest;
    },
    tagOf: (repository, tag) => tags.get(`${repository}:${tag}`),
    fetch: (request) => fetched(request),
    send: async (request) => {
      const { body, ...head } = await fetched(request);
      return { ...head, body: Readable.from([body]) };
    },
    ownPath: (url) => (url.startsWith('/') ? url : null),
    close: () => Promise.resolve(),
  };
  return backend;
}
