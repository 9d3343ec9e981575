import path from 'node:path';
import { loadCatalog } from '../../../src/config/policy-file';
import { ScenarioFile } from '../../../src/contract/schema/scenario';

type Tree = Readonly<Record<string, unknown>>;

const STEP = { name: 'read', path: '/items/{{id}}', expect: { status: 200 } };

function parse(scenario: Tree): ReturnType<typeof ScenarioFile.safeParse> {
  return ScenarioFile.safeParse({ name: 'buy', variables: { id: 17 }, steps: [STEP], ...scenario });
}

function withStep(change: Tree): ReturnType<typeof parse> {
  return parse({ steps: [{ ...STEP, ...change }] });
}

function faults(result: ReturnType<typeof parse>): readonly string[] {
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a scenario file', () => {
  it('is read, with absent options left out and variables in one form', () => {
    const whole = {
      name: 'buy',
      variables: {
        id: 17,
        ready: true,
        word: { value: 'letmein-77', secret: true },
        key: { file: 'pay-key' },
      },
      budgetMs: 5_000,
      steps: [
        {
          name: 'log in',
          method: 'POST',
          path: '/login',
          body: '{"password":"{{word}}"}',
          redirects: 1,
          expect: {
            status: [200, 201],
            headers: { 'content-type': { contains: 'json' }, 'x-a': 'b' },
            json: [
              { path: '$.id', type: 'integer', min: 1 },
              { path: '/none', equals: null },
            ],
            maxBodyBytes: 4_096,
            maxMs: 500,
          },
          capture: {
            token: { json: '/token', secret: true },
            place: { header: 'location', after: '/' },
          },
        },
        { ...STEP, headers: { authorization: 'Bearer {{token}}' } },
      ],
    };

    expect(ScenarioFile.parse(whole)).toEqual({
      ...whole,
      variables: {
        id: { value: '17' },
        ready: { value: 'true' },
        word: { value: 'letmein-77', secret: true },
        key: { file: 'pay-key' },
      },
      steps: [whole.steps[0], { ...whole.steps[1], method: 'GET' }],
    });
  });

  it.each<[string, ReturnType<typeof parse>, string]>([
    [
      'an unknown variable',
      withStep({ body: '{{nope}}' }),
      'steps.0.body: there is no variable nope at this step; known: id',
    ],
    [
      'a reference with spaces',
      withStep({ headers: { 'x-a': '{{ id }}' } }),
      'steps.0.headers.x-a: "{{ id }}" is no reference: write {{name}}, without spaces',
    ],
    [
      'a name that is no variable',
      parse({ variables: { id: 1, 'a-b': 1 } }),
      'variables.a-b: must be a letter, then letters, digits and _, at most 40',
    ],
    [
      'a variable with value and file',
      parse({ variables: { id: { value: 'x', file: 'y' } } }),
      'variables.id: needs either a value or the name of a file; what is in a file is secret',
    ],
    [
      'a secret that is too short to be told from other text',
      parse({ variables: { id: { value: 'abc', secret: true } } }),
      'variables.id: a secret must be at least 8 characters of printable ASCII, to be told from other text',
    ],
    [
      'a file in another folder',
      parse({ variables: { id: { file: '../x' } } }),
      'variables.id.file: must be the name of a file, without a folder',
    ],
    [
      'a status that is none',
      withStep({ expect: { status: '200' } }),
      'steps.0.expect.status: must be a status from 100 to 599, or a list of them',
    ],
    [
      'an empty header rule',
      withStep({ expect: { status: 200, headers: { 'x-a': {} } } }),
      'steps.0.expect.headers.x-a: needs equals, contains or present',
    ],
    [
      'a JSON path that is none',
      withStep({ expect: { status: 200, json: [{ path: 'items', exists: true }] } }),
      'steps.0.expect.json.0.path: must be a JSON pointer such as /items/0/sku, or $.items[0].sku',
    ],
    [
      'a JSON rule that asks nothing',
      withStep({ expect: { status: 200, json: [{ path: '/a' }] } }),
      'steps.0.expect.json.0: needs equals, exists, type, min or max',
    ],
    [
      'a range the wrong way round',
      withStep({ expect: { status: 200, json: [{ path: '/a', min: 2, max: 1 }] } }),
      'steps.0.expect.json.0.max: is below min',
    ],
    [
      'an absent member with a type',
      withStep({ expect: { status: 200, json: [{ path: '/a', exists: false, type: 'null' }] } }),
      'steps.0.expect.json.0: what must not be there can have no other rule',
    ],
    [
      'a capture from nowhere',
      withStep({ capture: { a: { secret: true } } }),
      'steps.0.capture.a: needs json, header, or after and before for a part of the body',
    ],
    [
      'a capture from two places',
      withStep({ capture: { a: { json: '/a', header: 'x-a' } } }),
      'steps.0.capture.a: is either from json or from a header',
    ],
  ])('is refused with %s', (_name, result, fault) => {
    expect(faults(result)).toEqual([fault]);
  });

  it.each<[string, Tree]>([
    ['six redirects', { redirects: 6 }],
    ['a body limit above 1 MiB', { expect: { status: 200, maxBodyBytes: 1_048_577 } }],
    ['an unknown key', { retries: 3 }],
    ['an unknown header rule', { expect: { status: 200, headers: { 'x-a': { matches: '.*' } } } }],
    ['a method of its own', { method: 'BREW' }],
  ])('is refused with %s', (_name, change) => {
    expect(withStep(change).success).toBe(false);
  });

  it('of 0.2.0 is read as it was', () => {
    const old = {
      name: 'a cart adds up',
      steps: [
        {
          name: 'order',
          method: 'POST',
          path: '/cart?dry=1',
          headers: { 'content-type': 'application/json' },
          body: '[{"sku":"kettle","quantity":{"n":1}}]',
          expect: {
            status: 200,
            bodyContains: '"total":{"c":1}}',
            headers: { 'x-a': 'b' },
            maxMs: 9,
          },
        },
      ],
    };

    expect(ScenarioFile.parse(old)).toEqual(old);
  });
});

describe('the catalogue of the sample services', () => {
  it('is one that can be loaded', () => {
    const file = path.join(__dirname, '../../../src/local/services/catalog.yaml');

    const services = loadCatalog(file);

    expect(services.map(({ svc, scenarios }) => [svc, scenarios.length])).toEqual([
      ['checkout', 1],
      ['payments', 1],
    ]);
  });
});
