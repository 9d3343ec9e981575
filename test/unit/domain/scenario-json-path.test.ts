import { parseJsonPath, readJsonPath } from '../../../src/domain/scenario-json-path';
import type { Json } from '../../../src/domain/verdict';

const DOCUMENT: Json = {
  items: [{ sku: 'tea' }, { sku: 'cup', 'a/b': { 'x~y': 1 } }],
  total: 0,
  none: null,
};

function read(path: string): Json | undefined {
  return readJsonPath(DOCUMENT, parseJsonPath(path)!);
}

describe('a path into JSON', () => {
  it.each<[string, Json | undefined]>([
    ['/items/1/sku', 'cup'],
    ['$.items[1].sku', 'cup'],
    [`$['items'][0]["sku"]`, 'tea'],
    ['/items/1/a~1b/x~0y', 1],
    [`$.items[1]['a/b']['x~y']`, 1],
    ['/total', 0],
    ['/none', null],
    ['', DOCUMENT],
    ['$', DOCUMENT],
    ['/items/2', undefined],
    ['/items/-1', undefined],
    ['/items/01', undefined],
    ['/items/length', undefined],
    ['/total/x', undefined],
    ['/none/x', undefined],
    ['/constructor', undefined],
    ['/__proto__', undefined],
  ])('reads %s', (path, expected) => {
    expect(read(path)).toEqual(expected);
  });

  it.each([
    'items',
    'items/0',
    '/a~2',
    '/a~',
    '$items',
    '$.',
    '$..sku',
    '$.a[*]',
    '$[?(@.x)]',
    '$[0',
    "$['a",
  ])('refuses %s', (path) => {
    expect(parseJsonPath(path)).toBeNull();
  });

  it('goes 32 deep and no deeper', () => {
    expect(parseJsonPath('/a'.repeat(32))).toHaveLength(32);
    expect(parseJsonPath('/a'.repeat(33))).toBeNull();
  });
});
