import type { ServerResponse } from 'node:http';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { createOciRegistry } from '../../../../src/adapters/oci/oci-registry';
import { sha256 } from '../../../../src/adapters/oci/schema';
import type { AttachInput } from '../../../../src/ports/registry';
import { startHttpScript, type HttpScript, type SeenRequest } from '../../../support/http-script';

const subject = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [] }),
);
const image = { repository: 'apps/a/a', digest: sha256(subject) };
const tag = image.digest.replace(':', '-');
const input: AttachInput = {
  subject: image,
  artifactType: 'application/vnd.test+json',
  mediaType: 'application/vnd.test+json',
  payload: Buffer.from('payload'),
  annotations: { a: 'b' },
};

interface Script {
  readonly server: HttpScript;
  /** By repository and reference. */
  readonly manifests: Map<string, Buffer>;
  readonly blobs: Map<string, Buffer>;
}

interface Hooks {
  /** Runs after a manifest was stored, before the answer. */
  readonly afterPut?: (reference: string, script: Script) => void;
  readonly putHeaders?: Record<string, string>;
  readonly mountStatus?: number;
}

const servers: HttpScript[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

const MANIFEST = /^\/v2\/(.+)\/manifests\/(.+)$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/$/;
const BLOB = /^\/v2\/(.+)\/blobs\/(sha256:.+)$/;

/** As little of a registry as these tests need, without the referrers API. */
async function startScript(hooks: Hooks = {}): Promise<Script> {
  const manifests = new Map<string, Buffer>([[`apps/a/a ${image.digest}`, subject]]);
  const blobs = new Map<string, Buffer>();

  function answerManifest(request: SeenRequest, key: string, response: ServerResponse): void {
    const reference = key.split(' ')[1] ?? '';
    if (request.method === 'PUT') {
      manifests.set(key, request.body);
      hooks.afterPut?.(reference, script);
      response.writeHead(201, hooks.putHeaders ?? {}).end();
      return;
    }
    const bytes = manifests.get(key);
    const mediaType = bytes?.includes('"manifests"') ? OCI_INDEX : OCI_MANIFEST;
    response.writeHead(bytes ? 200 : 404, { 'content-type': mediaType });
    response.end(request.method === 'GET' ? bytes : undefined);
  }

  function answerUpload(request: SeenRequest, repository: string, response: ServerResponse): void {
    const query = new URL(request.path, 'http://host').searchParams;
    if (request.method === 'POST') {
      const status = query.has('mount') ? (hooks.mountStatus ?? 201) : 202;
      response.writeHead(status, { location: `/v2/${repository}/blobs/uploads/?id=1` }).end();
      return;
    }
    blobs.set(`${repository} ${query.get('digest') ?? ''}`, request.body);
    response.writeHead(201).end();
  }

  const server = await startHttpScript((request, response) => {
    const { pathname } = new URL(request.path, 'http://host');
    const [, inRepository = '', reference = ''] = MANIFEST.exec(pathname) ?? [];
    const [, upload] = UPLOAD.exec(pathname) ?? [];
    const [, blobRepository = '', digest = ''] = BLOB.exec(pathname) ?? [];
    if (reference) {
      answerManifest(request, `${inRepository} ${reference}`, response);
    } else if (upload) {
      answerUpload(request, upload, response);
    } else {
      const bytes = blobs.get(`${blobRepository} ${digest}`);
      response.writeHead(bytes ? 200 : 404).end(request.method === 'GET' ? bytes : undefined);
    }
  });
  servers.push(server);
  const script = { server, manifests, blobs };
  return script;
}

const fallbackOf = ({ manifests }: Script): { manifests: Record<string, unknown>[] } & object =>
  JSON.parse(manifests.get(`apps/a/a ${tag}`)?.toString() ?? '{"manifests":[]}') as {
    manifests: Record<string, unknown>[];
  };

describe('attaching without the referrers API', () => {
  it('keeps what other tools wrote into the fallback index', async () => {
    const script = await startScript();
    const foreign = {
      mediaType: OCI_MANIFEST,
      digest: sha256(Buffer.from('x')),
      size: 1,
      data: 'eA==',
    };
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [foreign], custom: 1 };
    script.manifests.set(`apps/a/a ${tag}`, Buffer.from(JSON.stringify(index)));

    const attached = await createOciRegistry({ url: script.server.url }).attach(input);

    const after = fallbackOf(script);
    expect(after).toMatchObject({ custom: 1 });
    expect(after.manifests).toEqual([foreign, attached]);
  });

  it('writes again when another writer wiped its entry', async () => {
    let wipes = 2;
    const script = await startScript({
      afterPut: (reference, { manifests }) => {
        if (reference === tag && wipes > 0) {
          wipes -= 1;
          manifests.delete(`apps/a/a ${tag}`);
        }
      },
    });

    const attached = await createOciRegistry({ url: script.server.url }).attach(input);

    expect(fallbackOf(script).manifests).toEqual([attached]);
  });

  it('says so when it never gets through', async () => {
    const script = await startScript({
      afterPut: (reference, { manifests }) => {
        if (reference === tag) {
          manifests.delete(`apps/a/a ${tag}`);
        }
      },
    });

    await expect(createOciRegistry({ url: script.server.url }).attach(input)).rejects.toMatchObject(
      { code: 'REGISTRY_UNAVAILABLE' },
    );
  });

  it('refuses more artifacts than it would list', async () => {
    const script = await startScript();
    const manifests = Array.from({ length: 200 }, (_, n) => ({
      mediaType: OCI_MANIFEST,
      digest: sha256(Buffer.from(`${n}`)),
      size: 1,
    }));
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
    script.manifests.set(`apps/a/a ${tag}`, Buffer.from(JSON.stringify(index)));

    await expect(createOciRegistry({ url: script.server.url }).attach(input)).rejects.toMatchObject(
      { code: 'INVALID_INPUT' },
    );
  });

  it('goes on after a failed attach of the same subject', async () => {
    const script = await startScript();
    const registry = createOciRegistry({ url: script.server.url });
    const absent = { ...image, digest: sha256(Buffer.from('absent')) };

    const [failed, attached] = await Promise.allSettled([
      registry.attach({ ...input, subject: absent }),
      registry.attach(input),
    ]);

    expect([failed.status, attached.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('attaching with the referrers API', () => {
  it('leaves the fallback tag alone, and reads back', async () => {
    const script = await startScript({ putHeaders: { 'oci-subject': image.digest } });

    // This script lists nothing: the registry claims to have indexed the subject and did not.
    await expect(createOciRegistry({ url: script.server.url }).attach(input)).rejects.toMatchObject(
      { code: 'REGISTRY_UNAVAILABLE' },
    );

    expect(script.manifests.has(`apps/a/a ${tag}`)).toBe(false);
  });
});

describe('mounting', () => {
  const layer = Buffer.from('layer bytes');
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      layers: [{ mediaType: 'x', digest: sha256(layer), size: layer.length }],
    }),
  );
  const source = { repository: 'apps/a/a', digest: sha256(manifest) };

  async function startWithImage(mountStatus: number): Promise<Script> {
    const script = await startScript({ mountStatus });
    script.manifests.set(`apps/a/a ${source.digest}`, manifest);
    script.blobs.set(`apps/a/a ${sha256(layer)}`, layer);
    return script;
  }

  it('copies no bytes when the registry mounts', async () => {
    const script = await startWithImage(201);

    await createOciRegistry({ url: script.server.url }).mount(source, 'channels/prod/a');

    const writes = script.server.seen.filter(({ method }) => method === 'PUT' || method === 'POST');
    expect(writes.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`)).toEqual([
      'POST /v2/channels/prod/a/blobs/uploads/',
      `PUT /v2/channels/prod/a/manifests/${source.digest}`,
    ]);
    expect(script.manifests.get(`channels/prod/a ${source.digest}`)).toEqual(manifest);
  });

  it('streams the bytes when the registry will not', async () => {
    const script = await startWithImage(202);

    await createOciRegistry({ url: script.server.url }).mount(source, 'channels/prod/a');

    expect(script.blobs.get(`channels/prod/a ${sha256(layer)}`)).toEqual(layer);
    expect(script.manifests.get(`channels/prod/a ${source.digest}`)).toEqual(manifest);
  });

  it('writes nothing when all is there', async () => {
    const script = await startWithImage(201);
    script.manifests.set(`channels/prod/a ${source.digest}`, manifest);
    script.blobs.set(`channels/prod/a ${sha256(layer)}`, layer);

    await createOciRegistry({ url: script.server.url }).mount(source, 'channels/prod/a');

    expect(script.server.seen.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
  });

  it('repairs a target that lost a blob', async () => {
    const script = await startWithImage(202);
    script.manifests.set(`channels/prod/a ${source.digest}`, manifest);

    await createOciRegistry({ url: script.server.url }).mount(source, 'channels/prod/a');

    expect(script.blobs.get(`channels/prod/a ${sha256(layer)}`)).toEqual(layer);
  });
});
