import { OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { manifestJson } from '../../../support/fuzz/artifact';
import { APP, image, putTo, sample, TAG } from './pushed';
import { NOW, startWritesServer, type WritesServer } from './writes-server';

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

describe('a refusal', () => {
  it('by a rule becomes an event, once however often it is tried', async () => {
    await putTo(server, APP, 'main', image(server));

    expect(await server.events('push-refused')).toEqual([
      {
        kind: 'push-refused',
        repository: APP,
        reference: 'main',
        actor: 'builder',
        at: NOW,
        detail: { rule: 'app-tag-grammar', message: '"main" is not {semver}_{gitsha}', times: 1 },
      },
    ]);
  });

  it('brings nothing along that a terminal would obey', async () => {
    const config = Buffer.from(
      JSON.stringify({ os: 'a\u001b]0;b\u0007\u009b2J\u202ec', config: {} }),
    );
    server.backend.addBlob(APP, config);

    await putTo(server, APP, TAG, sample(manifestJson(config)));

    const [event] = await server.events('push-refused');
    expect(event?.detail['message']).toMatch(/^a\?\]0;b\?\?2J\?c\/unknown: /);
  });

  it('of malformed input does not', async () => {
    await putTo(server, APP, TAG, { bytes: Buffer.from('x'), mediaType: OCI_MANIFEST });

    expect(await server.events('push-refused')).toEqual([]);
  });

  it('is what a push gets while Postgres is down; the registry hears nothing of it', async () => {
    server.inventory.fail('LEDGER_UNAVAILABLE', 1, 'beginPush');

    const answer = await putTo(server, APP, TAG, image(server));

    expect(answer).toMatchObject({ status: 503, error: { detail: { rule: 'database' } } });
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(server.backend.asked.filter((line) => line.startsWith('PUT'))).toEqual([]);
  });
});
