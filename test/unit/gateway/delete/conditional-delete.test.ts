import type { Digest } from '../../../../src/domain/digest';
import { APP, artifact, image, index, putTo, TAG, type Sample } from '../push/pushed';
import {
  startWritesServer,
  SYSTEM,
  type WriteAnswer,
  type WritesServer,
} from '../push/writes-server';

const PUSHED = '2026-11-24T12:00:00.000Z';
const OTHER: Digest = `sha256:${'0'.repeat(64)}`;
const LATER = '2026-11-24T13:00:00.000Z';

let server: WritesServer;
let robot: WritesServer['principal'];

beforeEach(async () => {
  server = await startWritesServer();
  robot = server.principal;
});
afterEach(() => server.close());

function remove(
  reference: string,
  headers: Readonly<Record<string, string>>,
): Promise<WriteAnswer> {
  server.principal = SYSTEM;
  return server.call(`/v2/${APP}/manifests/${reference}`, { method: 'DELETE', headers });
}

async function push(reference: string, one: Sample): Promise<Sample> {
  expect((await putTo(server, APP, reference, one)).status).toBe(201);
  return one;
}

const byDigest = (seed: string): Promise<Sample> => {
  const one = image(server, seed);
  return push(one.digest, one);
};
const since = (at: string): Record<string, string> => ({ 'plura-unchanged-since': at });
const refusal = (rule: string, status = 412): object => ({ status, error: { detail: { rule } } });
const tagAt = (digest: string): Record<string, string> => ({
  ...since(LATER),
  'if-match': `"${digest}"`,
});

describe('DELETE of a manifest that nothing happened to since', () => {
  it('is done', async () => {
    const { digest } = await byDigest('1');

    expect((await remove(digest, since(LATER))).status).toBe(202);
    expect(await server.inventory.getManifest(APP, digest)).toBeNull();
  });

  it('is refused when it was pushed since', async () => {
    const { digest } = await byDigest('1');

    expect(await remove(digest, since(PUSHED))).toMatchObject(refusal('changed-since'));
    expect(await server.inventory.getManifest(APP, digest)).not.toBeNull();
  });

  it('is refused when it was pulled since', async () => {
    const { digest } = await byDigest('1');
    await server.inventory.recordActivity([{ repository: APP, tag: null, digest, at: LATER }]);

    expect(await remove(digest, since(LATER))).toMatchObject(refusal('changed-since'));
  });

  it('is refused while a tag points at it, which the registry would take away too', async () => {
    const { digest } = await push(TAG, image(server));

    expect(await remove(digest, since(LATER))).toMatchObject(refusal('tagged'));
    expect(server.backend.tagOf(APP, TAG)).toBe(digest);
  });

  it('is refused while a push of it has not ended', async () => {
    const { digest } = await byDigest('1');
    const known = await server.inventory.getManifest(APP, digest);
    await server.inventory.beginPush({
      ...known!,
      ...{ tag: null, writeOnce: false, actor: 'builder', at: PUSHED, id: 'another' },
    });

    expect(await remove(digest, since(LATER))).toMatchObject(refusal('changed-since'));
  });

  it('is refused when something was attached since', async () => {
    const subject = await byDigest('1');
    server.now = LATER;
    const attached = artifact(subject);
    await push(attached.digest, attached);

    expect(await remove(subject.digest, since(LATER))).toMatchObject(refusal('changed-since'));
  });

  it('is refused where an index names it, in a repository of moving tags too', async () => {
    const child = await byDigest('1');
    await push(TAG, index(child));

    expect(await remove(child.digest, since(LATER))).toMatchObject(refusal('in-use-by-index', 409));
  });

  it.each(['yesterday', ''])('takes no "%s" for a time', async (text) => {
    const { digest } = await byDigest('1');

    expect(await remove(digest, since(text))).toMatchObject(refusal('delete-condition', 400));
  });
});

describe('DELETE of a tag that still points there', () => {
  it('is refused when it does not say where', async () => {
    await push(TAG, image(server));

    expect(await remove(TAG, since(LATER))).toMatchObject(refusal('delete-condition', 400));
    expect(await server.inventory.getTag(APP, TAG)).not.toBeNull();
  });

  it('is done, and leaves the manifest', async () => {
    const { digest } = await push(TAG, image(server));

    expect((await remove(TAG, tagAt(digest))).status).toBe(202);
    expect(await server.inventory.getManifest(APP, digest)).not.toBeNull();
  });

  it('is refused when the registry has another digest there', async () => {
    const { digest } = await push(TAG, image(server));
    server.backend.tags.set(`${APP}:${TAG}`, (await byDigest('2')).digest);

    expect(await remove(TAG, tagAt(digest))).toMatchObject(refusal('tag-moved'));
  });

  it('is refused when it was pulled since', async () => {
    const { digest } = await push(TAG, image(server));
    await server.inventory.recordActivity([{ repository: APP, tag: TAG, digest, at: LATER }]);

    expect(await remove(TAG, tagAt(digest))).toMatchObject(refusal('changed-since'));
    expect(await server.inventory.getTag(APP, TAG)).not.toBeNull();
  });

  it('is refused when another digest is named', async () => {
    await push(TAG, image(server));

    expect(await remove(TAG, tagAt(OTHER))).toMatchObject(refusal('tag-moved'));
    expect(await remove(TAG, { 'if-match': 'W/"x"' })).toMatchObject(
      refusal('delete-condition', 400),
    );
  });
});

describe('while a collector runs', () => {
  const sealed = { pushes: 'closed', reason: 'storage is reclaimed', by: 'gc-reclaim' } as const;

  beforeEach(() => {
    server.principal = SYSTEM;
  });

  const seal = (): void => {
    server.mode = { ...sealed, since: PUSHED, until: LATER, sealed: true };
  };

  it('nothing is deleted, by the system neither', async () => {
    const { digest } = await byDigest('1');
    seal();

    expect(await remove(digest, since(LATER))).toMatchObject(refusal('pushes-closed', 503));
  });

  it('a push that was written down after the seal is not sent, and leaves nothing behind', async () => {
    server.principal = robot;
    const beginPush = server.inventory.beginPush.bind(server.inventory);
    server.inventory.beginPush = (push, replaceAbandoned) => {
      seal();
      return beginPush(push, replaceAbandoned);
    };
    const late = image(server);

    expect(await putTo(server, APP, TAG, late)).toMatchObject(refusal('pushes-closed', 503));

    expect(server.backend.manifests.size).toBe(0);
    expect(await server.inventory.getManifest(APP, late.digest)).toBeNull();
    server.mode = { ...server.mode, pushes: 'open', sealed: false };
    server.inventory.beginPush = beginPush;
    expect((await putTo(server, APP, TAG, image(server, '2'))).status).toBe(201);
  });

  it('the system points tags at what is there, and puts nothing new', async () => {
    const known = await byDigest('1');
    seal();

    expect((await putTo(server, APP, TAG, known)).status).toBe(201);
    const other = image(server, '2');
    expect(await putTo(server, APP, other.digest, other)).toMatchObject(
      refusal('pushes-closed', 503),
    );
    const attached = artifact(known);
    expect(await putTo(server, APP, attached.digest, attached)).toMatchObject(
      refusal('pushes-closed', 503),
    );
  });
});
