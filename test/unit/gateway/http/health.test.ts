import { startGateway, type GatewayServer } from '../../../support/gateway-server';
import { startHttpScript, type HttpScript } from '../../../support/http-script';

let registry: HttpScript;
let gateway: GatewayServer;
let registryStatus: number;

beforeEach(async () => {
  registryStatus = 200;
  registry = await startHttpScript((_request, response) => {
    response.writeHead(registryStatus, { 'content-length': 2 }).end('{}');
  });
  gateway = await startGateway({ backendUrl: registry.url });
});

afterEach(async () => {
  await gateway.close();
  await registry.stop();
});

async function health(query = ''): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${gateway.url}/healthz${query}`);
  return { status: answer.status, body: await answer.json() };
}

describe('health', () => {
  it('needs no login and says what can be reached', async () => {
    expect(await health()).toMatchObject({
      status: 200,
      body: { status: 'ok', ready: true, backend: 'up', postgres: { state: 'up' }, pushes: 'open' },
    });
  });

  it('is alive but not ready without its registry', async () => {
    registryStatus = 500;

    expect(await health()).toMatchObject({
      status: 200,
      body: { status: 'degraded', backend: 'down' },
    });
    expect((await health('?ready=1')).status).toBe(503);
  });

  it('asks the registry once for many that ask', async () => {
    await Promise.all(Array.from({ length: 20 }, () => health()));

    expect(registry.seen).toHaveLength(1);
  });

  it('shows its metrics', async () => {
    const answer = await fetch(`${gateway.url}/metrics`);

    expect(await answer.text()).toMatch(/^plura_gateway_state_age_seconds \d/m);
  });
});
