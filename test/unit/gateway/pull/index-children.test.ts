import fc from 'fast-check';
import {
  createChildrenMemory,
  readChildren,
} from '../../../../src/gateway/manifests/pull/index-children';
import { digestOf, indexText } from '../reads-server';

describe('what an index names', () => {
  it('is read, whatever else is in it', () => {
    const children = [digestOf('a'), digestOf('b')];

    expect(readChildren(Buffer.from(indexText(children)))).toEqual(children);
  });

  it('is read through escapes', () => {
    const text = indexText([digestOf('a')]).replace('"manifests"', '"m\\u0061nifests"');

    expect(readChildren(Buffer.from(text))).toEqual([digestOf('a')]);
  });

  it.each([
    '',
    'null',
    '[]',
    '"manifests"',
    '{"manifests":{}}',
    '{"manifests":[null,1,{"digest":2}]}',
  ])('is nothing in %j', (text) => {
    expect(readChildren(Buffer.from(text))).toEqual([]);
  });

  it('is never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readChildren(Buffer.from(bytes))).toEqual([]);
      }),
    );
  });
});

describe('the memory of children', () => {
  it('keeps what was asked for last', () => {
    const memory = createChildrenMemory(3);
    const [a, b, c] = [digestOf('a'), digestOf('b'), digestOf('c')];
    memory.set(a, []);
    memory.set(b, [c]);

    memory.get(a);
    memory.set(c, []);

    expect([memory.get(a), memory.get(b), memory.get(c)]).toEqual([[], undefined, []]);
  });

  it('does not keep an index that is larger than itself', () => {
    const memory = createChildrenMemory(2);

    memory.set(digestOf('a'), [digestOf('b'), digestOf('c')]);

    expect(memory.get(digestOf('a'))).toBeUndefined();
  });
});
