import { OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { recordOf } from '../../../../src/gateway/manifests/push/push-record';
import { parseManifest } from '../../../../src/gateway/manifests/push/parse-manifest';
import { answerOf, refusal, type Step } from './memory-backend';
import { APP, image, putTo, TAG, type Sample } from './pushed';
import { NOW, startWritesServer, type WritesServer } from './writes-server';

const TAKEN = { status: 409, error: { code: 'DENIED', detail: { rule: 'tag-write-once' } } };
const LOST = new Error('the connection broke off');

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

/** A push that claimed the tag and was never heard of again. */
async function beginAndVanish(pushed: Sample): Promise<void> {
  const facts = parseManifest(pushed.bytes, pushed.mediaType);
  const context = { repository: APP, tag: TAG, writeOnce: true, actor: 'vanished', at: NOW };
  expect(await server.inventory.beginPush({ ...recordOf(facts, context), id: 'vanished' })).toEqual(
    {
      kind: 'claimed',
    },
  );
}

function isPutOf(tag: string): (method: string, path: string) => boolean {
  return (method, path) => method === 'PUT' && path.endsWith(`/${tag}`);
}

describe('a write-once tag', () => {
  it('belongs to its first digest; others are told whose it is', async () => {
    const [first, second] = [image(server, '1'), image(server, '2')];
    await putTo(server, APP, TAG, first);

    const answer = await putTo(server, APP, TAG, second);

    expect(answer).toMatchObject(TAKEN);
    expect(answer.error?.detail['digest']).toBe(first.digest);
    expect(answer.error?.message).toContain('builder');
    expect(server.backend.tagOf(APP, TAG)).toBe(first.digest);
    expect(await server.claims()).toEqual({ claimed: 1, taken: 1 });
    expect(await server.events('push-refused')).toMatchObject([
      { reference: TAG, detail: { rule: 'tag-write-once', digest: first.digest } },
    ]);
  });

  it('may be pushed again with the same digest', async () => {
    const pushed = image(server);

    const answers = [await putTo(server, APP, TAG, pushed), await putTo(server, APP, TAG, pushed)];

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]!.headers.get('docker-content-digest')).toBe(pushed.digest);
    expect(await server.claims()).toEqual({ claimed: 1, same: 1 });
  });

  it('goes to exactly one of fifty racing pushes, in the registry as in the inventory', async () => {
    const rivals = Array.from({ length: 50 }, (_, at) => image(server, `${at}`));

    const answers = await Promise.all(rivals.map((rival) => putTo(server, APP, TAG, rival)));

    const won = rivals.filter((_, at) => answers[at]!.status === 201);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect(server.backend.tagOf(APP, TAG)).toBe(won[0]!.digest);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(won[0]!.digest);
    expect(await server.claims()).toEqual({ claimed: 1, taken: 49 });
  });

  it('is free again when the registry refused the push that claimed it', async () => {
    server.backend.before = (method) =>
      method === 'PUT' ? refusal(400, 'MANIFEST_BLOB_UNKNOWN') : 'as usual';
    const [first, second] = [image(server, '1'), image(server, '2')];
    expect((await putTo(server, APP, TAG, first)).status).toBe(400);
    server.backend.before = () => 'as usual';

    expect((await putTo(server, APP, TAG, second)).status).toBe(201);
  });

  it('is not written by a push that stood still for so long that another may have the claim', async () => {
    const [first, second] = [image(server, '1'), image(server, '2')];
    server.backend.before = (method) => {
      if (method === 'HEAD') server.now = '2026-11-24T12:01:30.000Z';
      return 'as usual';
    };

    const answer = await putTo(server, APP, TAG, first);

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'claim-late' } } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(server.backend.asked.filter((line) => line.startsWith('PUT'))).toEqual([]);
    server.backend.before = () => 'as usual';
    expect((await putTo(server, APP, TAG, second)).status).toBe(201);
  });

  it('is free again when the registry could not be asked before anything was sent', async () => {
    server.backend.before = (method) => (method === 'HEAD' ? answerOf(503) : 'as usual');
    const [first, second] = [image(server, '1'), image(server, '2')];
    expect((await putTo(server, APP, TAG, first)).status).toBe(503);
    server.backend.before = () => 'as usual';

    expect((await putTo(server, APP, TAG, second)).status).toBe(201);
  });
});

describe('an answer that is lost', () => {
  it('is no loss when the registry has the manifest', async () => {
    const isPut = isPutOf(TAG);
    server.backend.after = (method, path) => (isPut(method, path) ? LOST : 'as usual');
    const pushed = image(server);

    expect((await putTo(server, APP, TAG, pushed)).status).toBe(201);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(pushed.digest);
  });

  it('or a 500 is no loss either, when what was sent is there', async () => {
    const isPut = isPutOf(TAG);
    server.backend.after = (method, path) => (isPut(method, path) ? answerOf(500) : 'as usual');
    const pushed = image(server);

    expect((await putTo(server, APP, TAG, pushed)).status).toBe(201);
  });

  it('keeps the tag from others while nobody knows, and lets the same digest finish', async () => {
    const isPut = isPutOf(TAG);
    server.backend.before = (method, path) => (isPut(method, path) ? LOST : 'as usual');
    const [first, second] = [image(server, '1'), image(server, '2')];
    expect((await putTo(server, APP, TAG, first)).status).toBe(500);
    server.backend.before = () => 'as usual';

    expect(await putTo(server, APP, TAG, second)).toMatchObject(TAKEN);
    expect((await putTo(server, APP, TAG, first)).status).toBe(201);
    expect(server.backend.tagOf(APP, TAG)).toBe(first.digest);
  });

  it('of a refusal that the registry stands by frees the tag', async () => {
    server.backend.before = (method) => (method === 'PUT' ? answerOf(500) : 'as usual');
    const [first, second] = [image(server, '1'), image(server, '2')];
    expect((await putTo(server, APP, TAG, first)).status).toBe(500);
    server.backend.before = () => 'as usual';

    expect((await putTo(server, APP, TAG, second)).status).toBe(201);
  });

  it('of Postgres after the registry took it: the client tries again, and it is done', async () => {
    server.inventory.fail('LEDGER_UNAVAILABLE', 1, 'completePush');
    const pushed = image(server);

    expect((await putTo(server, APP, TAG, pushed)).status).toBe(503);
    expect((await putTo(server, APP, TAG, pushed)).status).toBe(201);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(pushed.digest);
  });
});

describe('an abandoned claim', () => {
  it('is as good as any other before its time', async () => {
    await beginAndVanish(image(server, '1'));
    await server.inventory.pass(30_000);

    expect(await putTo(server, APP, TAG, image(server, '2'))).toMatchObject(TAKEN);
  });

  it('is replaced when the registry lacks the tag', async () => {
    await beginAndVanish(image(server, '1'));
    await server.inventory.pass(61_000);
    const second = image(server, '2');

    expect((await putTo(server, APP, TAG, second)).status).toBe(201);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(second.digest);
    expect(await server.claims()).toEqual({ replaced: 1 });
  });

  it('is upheld when the registry has its digest after all', async () => {
    const first = image(server, '1');
    await beginAndVanish(first);
    server.backend.addManifest(APP, first.bytes, OCI_MANIFEST, TAG);
    await server.inventory.pass(61_000);

    const answer = await putTo(server, APP, TAG, image(server, '2'));

    expect(answer).toMatchObject(TAKEN);
    expect(answer.error?.message).toContain('vanished');
    expect(await server.inventory.getTag(APP, TAG)).toMatchObject({
      digest: first.digest,
      pushedBy: 'vanished',
    });
    expect(server.backend.tagOf(APP, TAG)).toBe(first.digest);
  });

  it('gives way to what the registry has from elsewhere', async () => {
    await beginAndVanish(image(server, '1'));
    const stranger = image(server, 'stranger');
    server.backend.addManifest(APP, stranger.bytes, OCI_MANIFEST, TAG);
    await server.inventory.pass(61_000);

    const answer = await putTo(server, APP, TAG, image(server, '2'));

    expect(answer).toMatchObject(TAKEN);
    expect(answer.error?.detail['digest']).toBe(stranger.digest);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(stranger.digest);
  });

  it('is replaced once: of two that want it one gets it', async () => {
    await beginAndVanish(image(server, '1'));
    await server.inventory.pass(61_000);
    const rivals = [image(server, '2'), image(server, '3')];

    const answers = await Promise.all(rivals.map((rival) => putTo(server, APP, TAG, rival)));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe('a tag that was pushed around the gateway', () => {
  it('before its first claim: is not overwritten, but recorded for who nobody saw', async () => {
    const stranger = image(server, 'stranger');
    server.backend.addManifest(APP, stranger.bytes, OCI_MANIFEST, TAG);

    const answer = await putTo(server, APP, TAG, image(server, 'ours'));

    expect(answer).toMatchObject(TAKEN);
    expect(answer.error?.detail['digest']).toBe(stranger.digest);
    expect(server.backend.tagOf(APP, TAG)).toBe(stranger.digest);
    expect(await server.inventory.getTag(APP, TAG)).toMatchObject({
      digest: stranger.digest,
      pushedBy: 'unknown',
      writeOnce: true,
    });
    expect(await server.events('around-gateway')).toMatchObject([{ reference: TAG }]);
    expect(await putTo(server, APP, TAG, image(server, 'again'))).toMatchObject(TAKEN);
  });

  it('with what the rules would not even read: is recorded all the same', async () => {
    server.backend.addManifest(APP, Buffer.from('{"schemaVersion":1}'), 'application/json', TAG);

    expect(await putTo(server, APP, TAG, image(server))).toMatchObject(TAKEN);
    expect(await server.inventory.getTag(APP, TAG)).not.toBeNull();
  });

  it('with the very digest that we push: is ours', async () => {
    const pushed = image(server);
    server.backend.addManifest(APP, pushed.bytes, OCI_MANIFEST, TAG);

    expect((await putTo(server, APP, TAG, pushed)).status).toBe(201);
    expect(server.backend.asked.some((line) => line.startsWith('PUT'))).toBe(false);
    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(pushed.digest);
  });

  it('after our push: the next push of ours puts it right, and says so', async () => {
    const pushed = image(server);
    await putTo(server, APP, TAG, pushed);
    const stranger = image(server, 'stranger');
    server.backend.addManifest(APP, stranger.bytes, OCI_MANIFEST, TAG);

    expect((await putTo(server, APP, TAG, pushed)).status).toBe(201);
    expect(server.backend.tagOf(APP, TAG)).toBe(pushed.digest);
    expect(await server.events('drift')).toMatchObject([
      { reference: TAG, detail: { claimed: pushed.digest, found: stranger.digest } },
    ]);
  });
});

describe('a moving tag', () => {
  it('ends where the registry has it, however the pushes race', async () => {
    const repository = 'scratch/x';
    const pushes = Array.from({ length: 20 }, (_, at) => image(server, `${at}`));
    server.backend.before = async (): Promise<Step> => {
      await new Promise(setImmediate);
      return 'as usual';
    };

    const answers = await Promise.all(pushes.map((one) => putTo(server, repository, 'v1', one)));

    expect(answers.every(({ status }) => status === 201)).toBe(true);
    const recorded = await server.inventory.getTag(repository, 'v1');
    expect(recorded).toMatchObject({
      writeOnce: false,
      digest: server.backend.tagOf(repository, 'v1'),
    });
    expect(await server.claims()).toEqual({});
  });

  it('stays where it was when the registry refuses the move', async () => {
    const repository = 'scratch/x';
    const first = image(server, '1');
    await putTo(server, repository, 'v1', first);
    server.backend.before = (method) =>
      method === 'PUT' ? refusal(400, 'MANIFEST_INVALID') : 'as usual';

    expect((await putTo(server, repository, 'v1', image(server, '2'))).status).toBe(400);
    expect((await server.inventory.getTag(repository, 'v1'))?.digest).toBe(first.digest);
  });
});
