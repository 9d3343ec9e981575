import fc from 'fast-check';
import { parseStrictJson } from '../../../../src/gateway/manifests/push/strict-json';

const OPTIONS = {
  fields: new Set(['config', 'layers', 'manifests', 'size', 'annotations', 'mediaType']),
  maps: new Set(['annotations']),
};

function verdict(text: string | Buffer): string {
  const json = parseStrictJson(Buffer.from(text), OPTIONS);
  return json.ok ? 'ok' : json.rule;
}

describe('parseStrictJson', () => {
  it('gives what JSON.parse gives', () => {
    expect(parseStrictJson(Buffer.from('{"a":[1,{"b":null}]}'), OPTIONS)).toEqual({
      ok: true,
      value: { a: [1, { b: null }] },
    });
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    '{"a":1}{"a":1}',
    "{'a':1}",
    '{"a":/* x */1}',
    '{"a":NaN}',
    '{"a":01}',
    '\ufeff{}',
    '{"a":"\u0001"}',
  ])('refuses %j, which is no JSON', (text) => {
    expect(verdict(text)).toBe('manifest-json');
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(verdict(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toBe('manifest-json');
    expect(verdict(Buffer.from('{}', 'utf16le'))).toBe('manifest-json');
  });

  it.each([
    '{"a":1,"a":1}',
    '{"x":{"a":1,"b":2,"a":3}}',
    '[{"a":1},{"b":{"c":1,"c":1}}]',
    '{"config":1,"confi\\u0067":2}',
    '{"annotations":{"a":"1","a":"2"}}',
    '{"__proto__":1,"__proto__":2}',
  ])('refuses a key that is there twice: %s', (text) => {
    expect(verdict(text)).toBe('ambiguous-key');
  });

  it.each([
    '{"config":1,"Config":2}',
    '{"CONFIG":2}',
    '{"mediatype":"x"}',
    '{"manifeſts":[]}',
    '{"layers":[{"Size":7}]}',
    '{"other":{"a":1,"A":2}}',
  ])('refuses a key that Go reads as another one: %s', (text) => {
    expect(verdict(text)).toBe('ambiguous-key');
  });

  it.each([
    '{"annotations":{"a":"1","A":"2","Size":"3"}}',
    '{"other":{"Size":7}}',
    '{"a":{"b":1},"b":{"b":1}}',
    '[{"a":1},{"a":1}]',
    '{"config":"Config","layers":["Layers"]}',
  ])('takes %s', (text) => {
    expect(verdict(text)).toBe('ok');
  });

  it('does not take a list under the name of a map for one', () => {
    expect(verdict('{"annotations":[{"a":1,"A":2}]}')).toBe('ambiguous-key');
  });

  it('bounds nesting, whatever the size, and brackets in texts do not count', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

    expect(verdict(nested(32))).toBe('ok');
    expect(verdict(nested(33))).toBe('manifest-json');
    expect(verdict('['.repeat(4_000_000))).toBe('manifest-json');
    expect(verdict('{"a":'.repeat(500_000))).toBe('manifest-json');
    expect(verdict(JSON.stringify({ a: '\\"['.repeat(100) }))).toBe('ok');
  });

  it('bounds the number of values, and commas in texts do not count', () => {
    const list = (length: number): string => JSON.stringify(Array.from({ length }, () => 1));

    expect(verdict(list(50_001))).toBe('ok');
    expect(verdict(list(50_002))).toBe('manifest-json');
    expect(verdict(JSON.stringify({ a: ','.repeat(100_000) }))).toBe('ok');
  });

  it('reads all JSON without doubles as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
        const json = parseStrictJson(Buffer.from(JSON.stringify(value)), OPTIONS);
        // Two keys may differ in case by chance.
        if (json.ok) expect(JSON.stringify(json.value)).toBe(JSON.stringify(value));
        else expect(json.rule).toBe('ambiguous-key');
      }),
    );
  });

  it('finds any key that is written again', () => {
    const key = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }), (object) => {
        const [first = ''] = Object.keys(object);
        const text = JSON.stringify(object);
        const doubled = `${text.slice(0, -1)},${JSON.stringify(first)}:0}`;

        expect(verdict(doubled)).toBe('ambiguous-key');
      }),
    );
  });
});
