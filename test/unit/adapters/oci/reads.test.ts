import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { createOciRegistry } from '../../../../src/adapters/oci/oci-registry';
import { selectChild } from '../../../../src/adapters/oci/platform';
import { sha256 } from '../../../../src/adapters/oci/schema';
import type { Descriptor } from '../../../../src/ports/registry';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const servers: HttpScript[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-oci-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});
async function serve(handler: Handler): Promise<HttpScript> {
  const server = await startHttpScript(handler);
  servers.push(server);
  return server;
}

const blob = Buffer.from('a blob');
const image = { repository: 'apps/a/a', digest: sha256(blob) };
const empty = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }),
);
const descriptor = (n: number): Descriptor => ({
  mediaType: OCI_MANIFEST,
  digest: `sha256:${`${n}`.padStart(64, '0')}`,
  size: 1,
  artifactType: n % 2 === 0 ? 'even' : 'odd',
  annotations: {},
});
const indexOf = (manifests: readonly Descriptor[]): Buffer =>
  Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));

describe('bytes that do not hash to their digest', () => {
  it('are never handed out: blob, manifest, file', async () => {
    const server = await serve((_request, response) => response.end(empty));
    const registry = createOciRegistry({ url: server.url });
    const unavailable = { code: 'REGISTRY_UNAVAILABLE' };

    await expect(registry.getBlob(image, 1000)).rejects.toMatchObject(unavailable);
    await expect(registry.getManifest(image)).rejects.toMatchObject(unavailable);
    await expect(registry.downloadBlob(image, join(folder, 'x'))).rejects.toMatchObject(
      unavailable,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('leave no part of a file when the connection breaks', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '6' });
      response.write('a b', () => response.destroy());
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.downloadBlob(image, join(folder, 'x'))).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('manifests', () => {
  it.each([
    ['no JSON', 'text'],
    [
      'an odd digest',
      JSON.stringify({ manifests: [{ mediaType: 'x', digest: 'md5:1', size: 1 }] }),
    ],
    [
      'a negative size',
      JSON.stringify({ layers: [{ mediaType: 'x', digest: image.digest, size: -1 }] }),
    ],
  ])('are refused with %s', async (_case, text) => {
    const bytes = Buffer.from(text);
    const server = await serve((_request, response) => response.end(bytes));
    const registry = createOciRegistry({ url: server.url });

    await expect(
      registry.getManifest({ repository: 'apps/a/a', digest: sha256(bytes) }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('are asked for by OCI and Docker names', async () => {
    const server = await serve((_request, response) => response.end(empty));
    const registry = createOciRegistry({ url: server.url });

    await registry.getManifest({ repository: 'apps/a/a', digest: sha256(empty) });

    expect(server.seen[0]?.headers.accept?.split(', ')).toEqual([
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ]);
  });

  it('tell their digest when the registry does not', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': OCI_INDEX }).end(empty);
    });
    const registry = createOciRegistry({ url: server.url });

    expect(await registry.resolve('apps/a/a', 'stable')).toEqual({
      digest: sha256(empty),
      size: empty.length,
      mediaType: OCI_INDEX,
    });
  });

  it('say that a tag was moved by another right after the write', async () => {
    const tagged = await serve(({ method }, response) => {
      if (method === 'GET') {
        response.end(empty);
        return;
      }
      const other = sha256(Buffer.from('other'));
      const headers = { 'docker-content-digest': other, 'content-length': '5' };
      response.writeHead(method === 'PUT' ? 201 : 200, method === 'PUT' ? {} : headers).end();
    });

    await expect(
      createOciRegistry({ url: tagged.url }).putTag(
        { repository: 'apps/a/a', digest: sha256(empty) },
        'stable',
      ),
    ).rejects.toMatchObject({ code: 'CHANNEL_MOVED' });
  });
});

describe('the referrers API', () => {
  it('is read page by page, on this registry only', async () => {
    const server = await serve(({ path }, response) => {
      const isSecond = path.includes('page=2');
      const next = `<https://evil.invalid/v2/apps/a/a/referrers/${image.digest}?page=2>; rel="next"`;
      response.writeHead(200, { 'content-type': OCI_INDEX, ...(isSecond ? {} : { link: next }) });
      response.end(indexOf(isSecond ? [descriptor(3)] : [descriptor(1), descriptor(2)]));
    });
    const registry = createOciRegistry({ url: server.url });

    const all = await registry.listReferrers(image);
    const odd = await registry.listReferrers(image, 'odd');

    expect(all).toEqual([descriptor(1), descriptor(2), descriptor(3)]);
    expect(odd).toEqual([descriptor(1), descriptor(3)]);
  });

  it('is bounded, whatever the registry says', async () => {
    let pages = 0;
    const server = await serve(({ path }, response) => {
      pages += 1;
      response.writeHead(200, { 'content-type': OCI_INDEX, link: `<${path}>; rel="next"` });
      response.end(indexOf(Array.from({ length: 90 }, (_, n) => descriptor(pages * 100 + n))));
    });
    const registry = createOciRegistry({ url: server.url });

    expect(await registry.listReferrers(image)).toHaveLength(200);
    expect(pages).toBe(3);
  });
});

describe('the child of an index that runs here', () => {
  const child = (os: string, architecture: string): Descriptor => ({
    ...descriptor(1),
    platform: { os, architecture },
  });

  it.each([
    ['by platform', [child('linux', 'arm64'), child('linux', 'amd64')], 1],
    ['past attestations', [child('unknown', 'unknown'), child('linux', 'amd64')], 1],
    ['the only one, when it names no platform', [descriptor(2), child('unknown', 'unknown')], 0],
    ['none for another platform', [child('windows', 'amd64'), child('linux', 'arm64')], null],
    ['none among several without a platform', [descriptor(1), descriptor(2)], null],
    ['none in an empty index', [], null],
  ])('is found %s', (_case, children, index) => {
    const expected = index === null ? null : children[index];

    expect(selectChild(children, 'amd64')).toEqual(expected);
  });
});
