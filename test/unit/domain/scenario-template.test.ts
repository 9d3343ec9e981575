import fc from 'fast-check';
import type { ScenarioStep } from '../../../src/domain/scenario';
import {
  encodeForPath,
  findReferences,
  renderRequest,
} from '../../../src/domain/scenario-template';

const values = new Map([
  ['sku', 'tea & cup'],
  ['quote', 'a "b"\n'],
  ['path', 'orders/7'],
]);

function render(step: Partial<ScenarioStep>): ReturnType<typeof renderRequest> {
  const whole = { name: 's', method: 'POST', path: '/', expect: { status: 200 }, ...step } as const;
  return renderRequest(whole, values);
}

describe('references to variables', () => {
  it('are found in order', () => {
    expect(findReferences('{{a}}/{{b_2}}?x={{a}}')).toEqual({
      names: ['a', 'b_2', 'a'],
      faulty: null,
    });
  });

  it.each([
    ['{{ a }}', '{{ a }}'],
    ['x{{a-b}}', '{{a-b}}'],
    ['{{', '{{'],
    ['{{1}}', '{{1}}'],
  ])('are told from what only looks like one: %s', (text, faulty) => {
    expect(findReferences(text)).toEqual({ names: [], faulty });
  });

  it('stand in JSON beside its own braces', () => {
    expect(findReferences('{"a":{"b":{{n}}}}')).toEqual({ names: ['n'], faulty: null });
  });
});

describe('a step with its values', () => {
  it('escapes a value for the path, but for its slashes', () => {
    const { path } = render({ path: '/{{path}}?q={{sku}}' });

    expect(path).toBe('/orders/7?q=tea%20%26%20cup');
  });

  it('escapes a value as in a JSON string where the body is JSON', () => {
    const { body } = render({
      headers: { 'Content-Type': 'application/json' },
      body: '{"q":"{{quote}}"}',
    });

    expect(body).toBe('{"q":"a \\"b\\"\\n"}');
  });

  it('leaves a value as it is in headers and other bodies', () => {
    const { body, headers } = render({ headers: { 'X-Sku': '{{sku}}!' }, body: '{{quote}}' });

    expect(headers).toEqual({ 'X-Sku': 'tea & cup!' });
    expect(body).toBe('a "b"\n');
  });

  it.each(['GET', 'HEAD'] as const)('sends no body with %s', (method) => {
    expect(render({ method, body: 'x' }).body).toBeNull();
  });

  it('keeps any value inside the path it is put in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const url = new URL(`/items/x${encodeForPath(value)}`, 'http://127.0.0.1:1');

        expect(url.host).toBe('127.0.0.1:1');
        expect(url.search + url.hash).toBe('');
      }),
    );
  });
});
