import { createS3WormStore } from '../../../../src/adapters/s3/worm-store';
import type { WormStore } from '../../../../src/ports/worm-store';
import { codeOf } from '../../../support/contracts/ledger-builders';
import { wormPut } from '../../../support/contracts/worm-store';
import { containing } from '../../../support/matchers';
import { startHttpScript, type HttpScript } from '../../../support/http-script';

let server: HttpScript;
let store: WormStore;
let status: number;

beforeAll(async () => {
  server = await startHttpScript((_request, response) => {
    response.writeHead(status).end();
  });
  store = createS3WormStore({
    ...{ bucket: 'incidents', prefix: '', region: 'us-east-1', pathStyle: true },
    endpoint: server.url,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
});

afterAll(async () => {
  await server.stop();
});

// An answer to a HEAD has no body to say it, and whoever waits for a right to come by itself waits for days.
it.each([
  [403, 'WORM_REFUSED', 'denies access'],
  [301, 'WORM_REFUSED', 'another region'],
  [500, 'WORM_UNAVAILABLE', 'no answer'],
  [503, 'WORM_UNAVAILABLE', 'no answer'],
])('an answer %i without a body is %s', async (answer, code, message) => {
  status = answer;

  const put = store.put(wormPut(Buffer.from('a')));

  await expect(put).rejects.toMatchObject({ code, message: containing(message) });
  expect(await codeOf(store.check())).toBe(code);
});
