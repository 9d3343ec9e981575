import { NOW } from '../../../support/api-fixtures';
import { holdOf } from '../../../support/contracts/allow-list';
import { answerOf } from '../push/memory-backend';
import { APP, artifact, image, index, putTo, TAG, type Sample } from '../push/pushed';
import {
  startWritesServer,
  SYSTEM,
  type WriteAnswer,
  type WritesServer,
} from '../push/writes-server';

const OPEN = 'scratch/x';

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

function remove(reference: string, repository = APP): Promise<WriteAnswer> {
  return server.call(`/v2/${repository}/manifests/${reference}`, { method: 'DELETE' });
}

async function push(reference: string, one: Sample, repository = APP): Promise<Sample> {
  expect((await putTo(server, repository, reference, one)).status).toBe(201);
  return one;
}

describe('DELETE of a tag', () => {
  it('is the system’s to do; then it is gone in registry and inventory, and stays claimed', async () => {
    const pushed = await push(TAG, image(server, '1'));
    expect(await remove(TAG)).toMatchObject({
      status: 403,
      error: { detail: { rule: 'delete-by-system-only' } },
    });
    server.principal = SYSTEM;

    expect((await remove(TAG)).status).toBe(202);
    expect(server.backend.tagOf(APP, TAG)).toBeUndefined();
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
    expect(await server.inventory.getManifest(APP, pushed.digest)).not.toBeNull();
    expect((await putTo(server, APP, TAG, image(server, '2'))).status).toBe(409);
  });

  it('that the registry has not is a 404, and the inventory forgets it too', async () => {
    await push(TAG, image(server));
    server.backend.tags.clear();
    server.principal = SYSTEM;

    expect(await remove(TAG)).toMatchObject({ status: 404, error: { code: 'MANIFEST_UNKNOWN' } });
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });

  it('that the registry refuses stays', async () => {
    await push(TAG, image(server));
    server.principal = SYSTEM;
    server.backend.before = (method) => (method === 'DELETE' ? answerOf(405) : 'as usual');

    expect((await remove(TAG)).status).toBe(405);
    expect(await server.inventory.getTag(APP, TAG)).not.toBeNull();
  });
});

describe('DELETE of a manifest', () => {
  it('takes its tags along', async () => {
    const pushed = await push(TAG, image(server));
    server.principal = SYSTEM;

    expect((await remove(pushed.digest)).status).toBe(202);
    expect(await server.inventory.getManifest(APP, pushed.digest)).toBeNull();
    expect(await server.inventory.getTag(APP, TAG)).toBeNull();
  });

  it('that an index holds is refused until the index is gone', async () => {
    const child = await push(image(server).digest, image(server));
    const all = await push(TAG, index(child));
    server.principal = SYSTEM;

    expect(await remove(child.digest)).toMatchObject({
      status: 409,
      error: { code: 'DENIED', detail: { rule: 'in-use-by-index', digest: all.digest } },
    });
    expect((await remove(all.digest)).status).toBe(202);
    expect((await remove(child.digest)).status).toBe(202);
  });

  describe('that a rollback would go to', () => {
    const lease = async ({ digest }: Sample): Promise<unknown> =>
      server.leases.renew({
        ...{ repository: APP, digest, reason: 'rollback-target', svc: 'checkout' },
        ...{ renewedAt: server.now, expiresAt: '2026-11-27T12:00:00.000Z' },
      });
    const refusal = (digest: string): object => ({
      status: 409,
      error: { code: 'DENIED', detail: { rule: 'leased', digest, svc: 'checkout' } },
    });

    beforeEach(() => {
      server.principal = SYSTEM;
    });

    it('is refused until its lease has ended', async () => {
      const pushed = await push(TAG, image(server));
      await lease(pushed);

      expect(await remove(pushed.digest)).toMatchObject(refusal(pushed.digest));
      expect(server.backend.manifests.has(`${APP}@${pushed.digest}`)).toBe(true);
      server.now = '2026-11-27T12:00:00.000Z';
      expect((await remove(pushed.digest)).status).toBe(202);
    });

    it('keeps what is attached to it, to its images, and to what is attached', async () => {
      const child = await push(image(server).digest, image(server));
      const all = await push(TAG, index(child));
      const attached = [artifact(all), artifact(child)];
      for (const one of attached) await push(one.digest, one);
      const signature = artifact(attached[0]!, 'a/signature');
      await push(signature.digest, signature);
      await lease(all);

      for (const { digest } of [...attached, signature]) {
        expect(await remove(digest)).toMatchObject(refusal(all.digest));
      }
    });

    it('is not removed while Postgres is down', async () => {
      const pushed = await push(TAG, image(server));
      server.leases.fail('LEDGER_UNAVAILABLE', 1);

      expect((await remove(pushed.digest)).status).toBe(503);
      expect(server.backend.manifests.has(`${APP}@${pushed.digest}`)).toBe(true);
    });
  });

  it('that somebody holds is refused until the hold is released, in an open prefix too', async () => {
    const pushed = await push(TAG, image(server));
    await push('v1', image(server), OPEN);
    await server.holds.addHold(holdOf({ digest: pushed.digest }));
    server.principal = SYSTEM;

    for (const repository of [APP, OPEN]) {
      expect(await remove(pushed.digest, repository)).toMatchObject({
        status: 409,
        error: { code: 'DENIED', detail: { rule: 'held', digest: pushed.digest } },
      });
    }
    await server.holds.releaseHold('h-1', 'olga', 'over', NOW);
    expect((await remove(pushed.digest)).status).toBe(202);
  });

  it.each([APP, OPEN])('keeps all that makes a held index usable, in %s', async (repository) => {
    const child = await push(image(server).digest, image(server), repository);
    const all = await push(repository === APP ? TAG : 'v1', index(child), repository);
    const attached = [artifact(all), artifact(child)];
    for (const one of attached) await push(one.digest, one, repository);
    const signature = artifact(attached[0]!, 'a/signature');
    await push(signature.digest, signature, repository);
    await server.holds.addHold(holdOf({ digest: all.digest }));
    server.principal = SYSTEM;

    for (const { digest } of [child, ...attached, signature]) {
      expect(await remove(digest, repository)).toMatchObject({
        status: 409,
        error: { code: 'DENIED', detail: { rule: 'held', digest: all.digest } },
      });
    }
  });

  it('is free in an open prefix, to anyone with the scope', async () => {
    const child = await push(image(server).digest, image(server), OPEN);
    await push('v1', index(child), OPEN);

    expect((await remove(child.digest, OPEN)).status).toBe(202);
  });

  it('goes on for the system while pushes are closed, and for nobody else', async () => {
    const pushed = await push(TAG, image(server));
    const open = await push('v1', image(server), OPEN);
    server.mode = { ...server.mode, pushes: 'closed', reason: 'garbage collection' };

    expect(await remove(open.digest, OPEN)).toMatchObject({ status: 503 });
    server.principal = SYSTEM;
    expect((await remove(open.digest, OPEN)).status).toBe(202);
    expect((await remove(pushed.digest)).status).toBe(202);
  });

  it('does not begin while Postgres is down', async () => {
    const pushed = await push(TAG, image(server));
    server.principal = SYSTEM;
    server.inventory.fail('LEDGER_UNAVAILABLE', 1, 'getManifest');

    expect((await remove(pushed.digest)).status).toBe(503);
    expect(server.backend.manifests.has(`${APP}@${pushed.digest}`)).toBe(true);
  });
});

describe('DELETE of a referrer', () => {
  const listed = async (subject: Sample): Promise<readonly string[]> => {
    const { text } = await server.call(`/v2/${APP}/referrers/${subject.digest}`);
    const { manifests } = JSON.parse(text) as { manifests: { digest: string }[] };
    return manifests.map(({ digest }) => digest);
  };

  it('takes it off the list, whether its push came through us or not', async () => {
    const subject = await push(TAG, image(server));
    const [one, two] = [artifact(subject, 'a/one'), artifact(subject, 'a/two')];
    await push(one.digest, one);
    await push(two.digest, two);
    await server.inventory.recordManifestDelete(APP, two.digest, 'test', '2026-11-24T12:00:00Z');
    server.principal = SYSTEM;

    expect((await remove(one.digest)).status).toBe(202);
    expect(await listed(subject)).toEqual([two.digest]);
    expect((await remove(two.digest)).status).toBe(202);
    expect(await listed(subject)).toEqual([]);
  });

  it('is refused while an index of an image holds it', async () => {
    const subject = await push(image(server).digest, image(server));
    const statement = artifact(subject);
    await push(statement.digest, statement);
    const all = await push(TAG, index(subject, statement));
    server.principal = SYSTEM;

    expect(await remove(statement.digest)).toMatchObject({
      status: 409,
      error: { detail: { digest: all.digest } },
    });
  });

  it('keeps the list as it was when the registry can’t write it', async () => {
    const subject = await push(TAG, image(server));
    const one = artifact(subject);
    await push(one.digest, one);
    server.principal = SYSTEM;
    server.backend.before = (method) => (method === 'PUT' ? answerOf(503) : 'as usual');

    expect((await remove(one.digest)).status).toBe(503);
    expect(await listed(subject)).toEqual([one.digest]);
    expect(server.backend.manifests.has(`${APP}@${one.digest}`)).toBe(true);
  });

  it('of a subject leaves what refers to it', async () => {
    const subject = await push(TAG, image(server));
    const one = artifact(subject);
    await push(one.digest, one);
    server.principal = SYSTEM;

    expect((await remove(subject.digest)).status).toBe(202);
    expect(await listed(subject)).toEqual([one.digest]);
  });
});
