import {
  findQueryFaults,
  previewQuery,
  resolveQuery,
  type QueryValues,
} from '../../../src/domain/plan-query';

const DURATIONS = 'seconds_bucket{backend="shop-aaaaaaaaaaaa"}';
const VALUES: QueryValues = {
  service: 'shop',
  env: 'stg',
  version: `sha256:${'a'.repeat(64)}`,
  windowMs: 15_000,
  names: {
    texts: { namespace: 'shop-stg', backend: 'shop-aaaaaaaaaaaa', track: 'candidate' },
    selectors: { durations: DURATIONS },
  },
};

it('takes names and selectors of the metrics source', () => {
  const query =
    'sum(rate({{durations}}[{{window}}])) / sum(x{ns="{{namespace}}",b="{{backend}}",t="{{track}}"})';

  expect(resolveQuery(query, VALUES)).toBe(
    `sum(rate(${DURATIONS}[15s])) / sum(x{ns="shop-stg",b="shop-aaaaaaaaaaaa",t="candidate"})`,
  );
});

it.each(['{{durations}}', 'x{b="{{backend}}"}', 'x{t="{{track}}"}', 'x{p="{{position}}"}'])(
  'is told apart by %s as by a version',
  (query) => {
    expect(findQueryFaults(query)).toEqual([]);
  },
);

it.each([
  ['a selector in quotes', 'x{a="{{requests}}"}', '{{requests}} is a selector'],
  ['a selector glued to a name', 'sum_{{requests}}', 'a whole selector'],
  ['a name outside of quotes', 'x{b={{backend}}}', '{{backend}} is text'],
  ['a namespace alone', 'x{n="{{namespace}}"}', '{{version}} must occur'],
])('is refused with %s', (_name, query, fault) => {
  expect(findQueryFaults(query).join('; ')).toContain(fault);
});

it('is not asked with what the source has no name for', () => {
  expect(() => resolveQuery('sum({{errors}})', VALUES)).toThrow('nothing for {{errors}}');
});

it('is shown as it is written before there is a track', () => {
  const query = 'sum(rate({{durations}}[{{window}}]))';
  const values = { service: 'shop', env: 'stg', version: null, windowMs: 15_000 } as const;

  expect(previewQuery(query, values)).toBe('sum(rate({{durations}}[15s]))');
});

it('takes no name that could end its string', () => {
  const names = { texts: { backend: 'x"} or up{a="' }, selectors: {} };

  expect(() => resolveQuery('x{b="{{backend}}"}', { ...VALUES, names })).toThrow(RangeError);
});
