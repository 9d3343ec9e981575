import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { bytesOf, descriptorOf, manifestJson } from '../../../support/fuzz/artifact';
import { answerOf, refusal } from './memory-backend';
import { APP, artifact, image, index, putTo, TAG, type Sample } from './pushed';
import { CUSTODIAN, NOW, startWritesServer, SYSTEM, type WritesServer } from './writes-server';

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

function writes(): readonly string[] {
  return server.backend.asked.filter((line) => line.startsWith('PUT'));
}

/** By digest first, as clients push what an index names. */
async function push(...samples: readonly Sample[]): Promise<void> {
  for (const one of samples) {
    expect(await putTo(server, APP, one.digest, one)).toMatchObject({ status: 201 });
  }
}

describe('who may write where', () => {
  it('is asked of the handler too, whoever calls it', async () => {
    const pushed = image(server);
    const ruleFor = async (repository: string, tag: string): Promise<unknown> =>
      (await putTo(server, repository, tag, pushed)).error?.detail['rule'];

    expect(await ruleFor('channels/prod/checkout', 'stable')).toBe('channels-by-system-only');
    expect(await ruleFor('bases/static', '1_20260101')).toBe('bases-by-custodian-only');
    expect(await ruleFor('elsewhere/x', 'v1')).toBe('unknown-namespace');
    expect(await ruleFor(APP, 'main')).toBe('app-tag-grammar');
    expect(await ruleFor('scratch/x', 'latest')).toBe('no-latest');
    expect(writes()).toEqual([]);
  });

  it('lets the system move a channel, and the custodian write a base once', async () => {
    const [one, two] = [image(server, '1'), image(server, '2')];

    server.principal = SYSTEM;
    expect((await putTo(server, 'channels/prod/checkout', 'stable', one)).status).toBe(201);
    expect((await putTo(server, 'channels/prod/checkout', 'stable', two)).status).toBe(201);
    expect(server.backend.tagOf('channels/prod/checkout', 'stable')).toBe(two.digest);
    server.principal = CUSTODIAN;
    expect((await putTo(server, 'bases/static', '1_20260101', one)).status).toBe(201);
    expect((await putTo(server, 'bases/static', '1_20260101', two)).status).toBe(409);
  });

  it('nobody, while pushes are closed', async () => {
    server.mode = { ...server.mode, pushes: 'closed', reason: 'garbage collection' };

    const answer = await putTo(server, APP, TAG, image(server));

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'pushes-closed' } } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });

  it('nobody, when pushes were closed while the manifest was judged', async () => {
    const pushed = image(server);
    server.backend.before = () => {
      server.mode = { ...server.mode, pushes: 'closed', reason: 'garbage collection' };
      return 'as usual';
    };

    const answer = await putTo(server, APP, TAG, pushed);

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'pushes-closed' } } });
    expect(server.backend.manifests.size).toBe(0);
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });
});

describe('what is quarantined', () => {
  it('does not come back in: not itself, not in an index, not by a layer', async () => {
    const bad = image(server, 'bad');
    const good = image(server, 'good');
    const block = {
      digest: bad.digest,
      cause: bad.digest,
      reason: 'remote code execution',
      cves: ['CVE-2026-1'],
      by: 'erin',
      at: NOW,
      graceUntil: null,
      expiresAt: null,
    };
    await push(bad, good);
    server.block(block);
    const quarantined = { status: 403, error: { code: 'DENIED', detail: { rule: 'quarantined' } } };

    expect(await putTo(server, APP, TAG, bad)).toMatchObject(quarantined);
    expect(await putTo(server, APP, TAG, index(good, bad))).toMatchObject(quarantined);
    const inner = index(good, bad);
    server.backend.addManifest(APP, inner.bytes, OCI_INDEX);
    expect(await putTo(server, APP, TAG, index(inner))).toMatchObject(quarantined);
    const layer = descriptorOf(
      'application/vnd.oci.image.layer.v1.tar+gzip',
      Buffer.from('a layer'),
    );
    server.block({ ...block, digest: layer.digest as typeof block.digest });
    expect(await putTo(server, APP, TAG, good)).toMatchObject(quarantined);
  });

  it('may still be spoken about', async () => {
    const bad = image(server);
    await push(bad);
    server.block({
      digest: bad.digest,
      cause: bad.digest,
      reason: 'malware',
      cves: [],
      by: 'erin',
      at: NOW,
      graceUntil: null,
      expiresAt: null,
    });
    const vex = artifact(bad, 'application/vnd.example.vex+json');

    expect((await putTo(server, APP, vex.digest, vex)).status).toBe(201);
  });
});

describe('a body', () => {
  it('over 4 MiB is refused, whether it says its length or not', async () => {
    const huge = bytesOf({ ...manifestJson(), annotations: { a: 'x'.repeat(10_000_000) } });
    const path = `/v2/${APP}/manifests/${TAG}`;

    expect(await server.put(path, huge, OCI_MANIFEST)).toMatchObject({
      status: 413,
      error: { code: 'SIZE_INVALID' },
    });
    const chunked = {
      method: 'PUT',
      body: new Blob([new Uint8Array(huge)]).stream(),
      duplex: 'half',
    } as RequestInit;
    expect(await server.call(path, chunked)).toMatchObject({ status: 413 });
    expect(writes()).toEqual([]);
  });

  it('without Content-Type is refused', async () => {
    expect(
      await server.put(`/v2/${APP}/manifests/${TAG}`, image(server).bytes, null),
    ).toMatchObject({
      status: 400,
      error: { detail: { rule: 'media-type' } },
    });
  });
});

describe('what the registry refuses', () => {
  it('is refused in its words, with the blobs that it misses', async () => {
    const missing = `sha256:${'d'.repeat(64)}`;
    server.backend.before = (method) =>
      method === 'PUT' ? refusal(400, 'MANIFEST_BLOB_UNKNOWN', missing) : 'as usual';

    expect(await putTo(server, APP, TAG, image(server))).toMatchObject({
      status: 400,
      error: {
        code: 'MANIFEST_BLOB_UNKNOWN',
        message: 'no: MANIFEST_BLOB_UNKNOWN',
        detail: { rule: 'backend-refused', digests: [missing] },
      },
    });
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });

  it.each([
    [answerOf(429, { 'retry-after': '7' }, 'slow down'), 429],
    [answerOf(418, {}, '<html>'), 418],
    [answerOf(401), 502],
    [answerOf(307, { location: 'http://elsewhere.test/' }), 502],
  ])('is made sense of when it is nonsense (%#)', async (answer, status) => {
    server.backend.before = (method) => (method === 'PUT' ? answer : 'as usual');

    expect((await putTo(server, APP, TAG, image(server))).status).toBe(status);
  });
});
