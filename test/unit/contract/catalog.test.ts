import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadCatalog } from '../../../src/config/policy-file';

const GOOD = `apiVersion: plura.reg/v1
services:
  - svc: shop
    name: web
    owner: team-shop
    region: eu-west-1
    healthPath: /healthz
    scenarios:
      - name: buy
        steps:
          - name: order
            method: POST
            path: /orders?dry=1
            body: '{"sku":1}'
            expect:
              status: 201
              maxMs: 500
`;

describe('catalogue files', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plura-catalog-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(text: string): string {
    const file = path.join(folder, 'catalog.yaml');
    writeFileSync(file, text);
    return file;
  }

  it('gives the services, with absent options left out', () => {
    const services = loadCatalog(write(GOOD));

    expect(services).toEqual([
      {
        svc: 'shop',
        name: 'web',
        owner: 'team-shop',
        region: 'eu-west-1',
        healthPath: '/healthz',
        scenarios: [
          {
            name: 'buy',
            steps: [
              {
                name: 'order',
                method: 'POST',
                path: '/orders?dry=1',
                body: '{"sku":1}',
                expect: { status: 201, maxMs: 500 },
              },
            ],
          },
        ],
      },
    ]);
    expect(Object.keys(services[0]!.scenarios[0]!.steps[0]!)).not.toContain('headers');
  });

  it.each([
    ['a name OCI refuses', 'svc: shop', 'svc: Shop', 'services[0].svc', 3],
    ['an unknown key', 'owner: team-shop', 'owners: team-shop', 'services[0].owners', 5],
    [
      'a full URL as path',
      'path: /orders?dry=1',
      'path: http://evil/x',
      'services[0].scenarios[0].steps[0].path',
      13,
    ],
    [
      'another host as path',
      'path: /orders?dry=1',
      'path: //evil/x',
      'services[0].scenarios[0].steps[0].path',
      13,
    ],
    [
      'an impossible status',
      'status: 201',
      'status: 2001',
      'services[0].scenarios[0].steps[0].expect.status',
      16,
    ],
  ])('refuses %s and names field and line', (_name, from, to, field, line) => {
    expect(GOOD).toContain(from);

    const load = (): unknown => loadCatalog(write(GOOD.replace(from, to)));

    expect(load).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(`catalog.yaml:${line}: ${field}: `) as string,
      }) as Error,
    );
  });

  it('refuses a service that is there twice', () => {
    const twice = `${GOOD}  - { svc: shop, name: api, owner: x, region: eu-west-1 }\n`;

    expect(() => loadCatalog(write(twice))).toThrow(/services\[1\]\.svc: "shop" is there twice/);
  });
});
