import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageRef } from '../../src/domain/reference';
import {
  brokenGlass,
  createAsks,
  messageOf,
  nameOf,
  OLGA,
  SECOND_MS,
  untilRefused,
  type Asks,
} from '../support/admission-asks';
import { createReleases, type Releases } from '../support/admission-releases';
import { startAdmissionStack, type AdmissionStack } from '../support/admission-stack';
import { denialOf } from '../support/contracts/allow-list';

jest.setTimeout(60_000);

let stack: AdmissionStack;
let releases: Releases;
let asks: Asks;
let good: ImageRef;

beforeAll(async () => {
  stack = await startAdmissionStack(['shop-prod']);
  asks = createAsks(stack);
  releases = await createReleases(stack);
  good = await releases.release();
}, 180_000);

afterAll(() => stack.stop());

it('does not break the glass for what was judged', async () => {
  const image = await releases.release({ without: ['signature'] });

  const { status, body } = await asks.create(brokenGlass(nameOf(image)), '?dryRun=All', OLGA);

  expect(status).toBe(403);
  expect(body['message']).toMatch(/\[signature]/);
});

describe('an outage', () => {
  it.each(['refuse', 'silent'] as const)(
    'of the registry (%s) lets nothing in that was not checked before',
    async (mode) => {
      const image = await releases.release();
      await asks.run(good);
      await stack.toRegistry.set(mode);

      const from = performance.now();
      const [unknown, known] = await Promise.all([asks.run(image), asks.run(good)]);
      const tookMs = performance.now() - from;
      await stack.toRegistry.set('pass');

      expect(unknown.status).toBe(503);
      expect(messageOf(unknown)).toMatch(/\[not-known] The registry/);
      expect(known.status).toBe(201);
      expect(tookMs).toBeLessThan(8_000);
      expect((await asks.run(image)).status).toBe(201);
    },
  );

  it('of Postgres does not open the way by break-glass for what was denied before', async () => {
    const image = await releases.release();
    const at = new Date().toISOString();
    await stack.stores.allowList.addDenial(denialOf({ digest: image.digest, at }));
    await untilRefused(() => asks.run(image));
    await stack.toPostgres.set('refuse');
    await sleep(SECOND_MS + 200);

    const { status, body } = await asks.create(brokenGlass(nameOf(image)), '?dryRun=All', OLGA);
    await stack.toPostgres.set('pass');

    expect(status).toBe(403);
    expect(body['message']).toContain('break-glass does not cover [allow-list]');
    await asks.untilAdmitted(good);
  });

  it.each(['refuse', 'silent'] as const)(
    'of Postgres (%s) lets nothing in, but for who may break the glass',
    async (mode) => {
      const broken = brokenGlass(nameOf(good));
      await stack.toPostgres.set(mode);
      // What was read last counts for a second.
      await sleep(SECOND_MS + 200);

      const refused = await asks.run(good);
      const glass = await asks.create(broken, '?dryRun=All', OLGA);
      const nobody = await asks.create(broken);
      await stack.toPostgres.set('pass');

      expect(refused.status).toBe(503);
      expect(messageOf(refused)).toMatch(/\[not-known] The ledger \(Postgres\)/);
      expect(glass.status).toBe(201);
      expect(glass.warnings).toMatch(/break-glass: shop is down, incident 42/);
      expect(nobody.status).toBe(503);
      await asks.untilAdmitted(good);
    },
  );
});
