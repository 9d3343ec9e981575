import type { JsonExpectation, StepExpectation } from '../../../src/domain/scenario';
import { whatIsWrong, type ScenarioAnswer } from '../../../src/domain/scenario-answer';

const OK: ScenarioAnswer = {
  status: 200,
  headers: new Map([
    ['content-type', 'application/json'],
    ['x-kind', 'shop'],
  ]),
  body: JSON.stringify({ total: 21.5, count: 2, name: 'cart', ok: true, none: null, items: [1] }),
  cut: false,
};

function check(
  expected: Partial<StepExpectation>,
  answer: Partial<ScenarioAnswer> = {},
  durationMs = 10,
): string {
  return whatIsWrong({
    expect: { status: 200, ...expected },
    values: new Map([
      ['kind', 'shop'],
      ['two', '2'],
    ]),
    answer: { ...OK, ...answer },
    durationMs,
    quotes: { text: (text) => text, body: ({ body }) => body.slice(0, 20) },
  });
}

describe('the status', () => {
  it('may be one of a list', () => {
    expect(check({ status: [200, 201] })).toBe('');
    expect(check({ status: [201, 204] })).toBe('expected status 201 or 204, got 200');
  });

  it('of an unexpected redirect says what to do', () => {
    const answer = { status: 302, headers: new Map([['location', '/x']]) };

    expect(check({}, answer)).toMatch(/^expected status 200, got 302 \(redirects are followed/);
  });
});

describe('the latency', () => {
  it('fails the step above its budget only', () => {
    expect(check({ maxMs: 10 })).toBe('');
    expect(check({ maxMs: 9 })).toBe('took 10 ms, limit 9 ms');
  });
});

describe('headers', () => {
  it.each<[string, NonNullable<StepExpectation['headers']>, string]>([
    ['a text is equality', { 'X-Kind': 'shop' }, ''],
    ['a text differs', { 'X-Kind': 'bank' }, 'expected header X-Kind to be "bank", got "shop"'],
    ['a variable is filled in', { 'X-Kind': { equals: '{{kind}}' } }, ''],
    ['contains', { 'Content-Type': { contains: 'json' } }, ''],
    [
      'does not contain',
      { 'Content-Type': { contains: 'xml' } },
      'expected header Content-Type to contain "xml", got "application/json"',
    ],
    ['present', { 'X-Kind': { present: true } }, ''],
    ['not present', { 'X-Other': { present: true } }, 'expected a header X-Other, got none'],
    ['absent', { 'X-Other': { present: false } }, ''],
    ['not absent', { 'X-Kind': { present: false } }, 'expected no header X-Kind, got "shop"'],
    [
      'contains in none',
      { 'X-Other': { contains: 'a' } },
      'expected header X-Other to contain "a", got none',
    ],
    [
      'all of a rule',
      { 'X-Kind': { present: true, contains: 'x' } },
      'expected header X-Kind to contain "x", got "shop"',
    ],
    ['a name of Object.prototype', { constructor: { present: false } }, ''],
  ])('%s', (_name, headers, expected) => {
    expect(check({ headers })).toBe(expected);
  });
});

describe('JSON', () => {
  it.each<[string, JsonExpectation, string]>([
    ['equals a number', { path: '/total', equals: 21.5 }, ''],
    ['equals null', { path: '/none', equals: null }, ''],
    ['equals a list', { path: '/items', equals: [1] }, ''],
    [
      'differs in a list',
      { path: '/items', equals: [1, 2] },
      'expected /items to be [1,2], got [1]',
    ],
    ['a number is no text', { path: '/count', equals: '2' }, 'expected /count to be "2", got 2'],
    ['a variable is compared by its text', { path: '/count', equals: '{{two}}' }, ''],
    [
      'a variable that differs',
      { path: '/name', equals: '{{kind}}' },
      'expected /name to be "shop", got "cart"',
    ],
    ['exists', { path: '/none', exists: true }, ''],
    ['exists not', { path: '/nope', exists: true }, 'expected /nope in the JSON, it is not there'],
    ['is absent', { path: '/nope', exists: false }, ''],
    ['is not absent', { path: '/count', exists: false }, 'expected no /count, got 2'],
    [
      'is there for a type',
      { path: '/nope', type: 'null' },
      'expected /nope in the JSON, it is not there',
    ],
    ['in the range, ends included', { path: '/count', min: 2, max: 2 }, ''],
    ['below the range', { path: '/count', min: 3 }, 'expected /count to be at least 3, got 2'],
    ['above the range', { path: '/total', max: 21 }, 'expected /total to be at most 21, got 21.5'],
    [
      'a range of no number',
      { path: '/name', min: 0 },
      'expected /name to be a number, got "cart"',
    ],
  ])('%s', (_name, rule, expected) => {
    expect(check({ json: [rule] })).toBe(expected);
  });

  it.each([
    ['/name', 'string', 'number'],
    ['/count', 'integer', 'string'],
    ['/total', 'number', 'integer'],
    ['/ok', 'boolean', 'null'],
    ['/none', 'null', 'object'],
    ['/items', 'array', 'object'],
    ['', 'object', 'array'],
  ] as const)('%s has the type %s and not %s', (path, right, wrong) => {
    expect(check({ json: [{ path, type: right }] })).toBe('');
    expect(check({ json: [{ path, type: wrong }] })).toMatch(`to be of type ${wrong}, got`);
  });

  it('compares objects whatever the order of their members', () => {
    const body = '{"a":{"x":1,"y":2}}';

    expect(check({ json: [{ path: '/a', equals: { y: 2, x: 1 } }] }, { body })).toBe('');
    expect(check({ json: [{ path: '/a', equals: { x: 1 } }] }, { body })).not.toBe('');
    expect(check({ json: [{ path: '/a', equals: { x: 1, z: 2 } }] }, { body })).not.toBe('');
  });

  it('must be JSON, and all of it', () => {
    const json = [{ path: '/a', exists: true }];

    expect(check({ json }, { body: '<html>' })).toBe('expected JSON, got "<html>"');
    expect(check({ json }, { cut: true })).toMatch(/too long to be read as JSON/);
  });
});

describe('the body', () => {
  it('contains a text, with its variables filled in', () => {
    expect(check({ bodyContains: '"count":{{two}}' })).toBe('');
    expect(check({ bodyContains: '{{kind}}' })).toMatch(/^expected "shop" in the body, got/);
  });

  it('fails above its limit of bytes', () => {
    expect(check({ maxBodyBytes: 100 })).toBe('');
    expect(check({ maxBodyBytes: 100 }, { cut: true })).toBe('the body is over 100 bytes');
  });
});
