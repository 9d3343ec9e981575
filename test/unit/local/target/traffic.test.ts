import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import type { ImageRef } from '../../../../src/domain/reference';
import type { Service } from '../../../../src/domain/service';
import { startTraffic } from '../../../../src/local/traffic/traffic';
import { createFakeContainerRuntime } from '../../../support/fakes/container-runtime';
import { startTestTarget, TARGET_TOKEN } from '../../../support/target-process';

const image: ImageRef = { repository: 'apps/shop/web', digest: `sha256:${'a'.repeat(64)}` };
const expect200 = { status: 200 };
const service: Service = {
  svc: 'shop',
  name: 'web',
  owner: 'team',
  region: 'eu-west-1',
  healthPath: '/healthz',
  scenarios: [
    {
      name: 'buy',
      steps: [
        { name: 'look', method: 'GET', path: '/items', expect: expect200 },
        { name: 'buy', method: 'POST', path: '/orders', expect: expect200 },
      ],
    },
  ],
};

describe('the traffic generator', () => {
  it('asks stg and prod for what the scenarios read, and stops', async () => {
    const runtime = createFakeContainerRuntime();
    const asked = new Set<string>();
    runtime.serve(image, (request, answer) => {
      asked.add(`${request.method} ${request.url} ${request.headers.host}`);
      answer.end();
    });
    const target = await startTestTarget(runtime);
    const urls = new Map<string, string>();
    for (const env of ['dev', 'stg', 'prod'] as const) {
      const write = { svc: 'shop', env, epoch: 1 };
      const { url } = await target.rollout.makeStable(write, image, '/healthz', 5_000);
      urls.set(env, new URL(url).host);
    }
    const options = { targetUrl: target.url, token: TARGET_TOKEN, requestsPerSecond: 100 };

    const traffic = startTraffic({
      ...options,
      maxRouters: 2,
      services: [service],
      log: pino({ level: 'silent' }),
    });
    const wanted = ['stg', 'prod'].map((env) => `GET /items ${urls.get(env)}`);
    for (let tries = 0; tries < 300 && !wanted.every((one) => asked.has(one)); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    traffic.close();
    await target.close();

    const users = [...asked].filter((one) => !one.includes('/healthz')).sort();
    expect(users).toEqual(wanted.sort());
  });

  it('asks what has a candidate before all others, of which there may be more than it may ask', async () => {
    const asked = new Set<string>();
    const router = createServer((request, answer) => {
      asked.add(request.headers.host ?? '');
      answer.end();
    }).listen(0, '127.0.0.1');
    await once(router, 'listening');
    const judged = `127.0.0.1:${(router.address() as AddressInfo).port}`;
    // Nothing listens at ports as low as these.
    const others = Array.from({ length: 3 }, (_, index) => ({
      ...{ svc: `svc-${index}`, env: 'prod', url: `http://127.0.0.1:${index + 1}` },
      ...{ stable: image.digest, candidate: null },
    }));
    const one = { ...others[0], svc: 'judged', url: `http://${judged}`, candidate: image.digest };
    const target = createServer((_request, answer) => {
      answer.end(JSON.stringify({ placements: [...others, one] }));
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as AddressInfo;

    const traffic = startTraffic({
      ...{ targetUrl: `http://127.0.0.1:${port}`, token: 'token', requestsPerSecond: 100 },
      maxRouters: 1,
      services: [],
      log: pino({ level: 'silent' }),
    });
    for (let tries = 0; tries < 300 && !asked.has(judged); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    traffic.close();
    for (const server of [target, router]) {
      server.closeAllConnections();
      server.close();
    }

    expect(asked).toEqual(new Set([judged]));
  });
});
