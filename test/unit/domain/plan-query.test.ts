import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import {
  findQueryFaults,
  previewQuery,
  rangeMsOf,
  resolveQuery,
  type QueryValues,
} from '../../../src/domain/plan-query';

const VERSION = `sha256:${'a'.repeat(64)}` as const;
const VALUES: QueryValues = { service: 'shop', env: 'stg', version: VERSION, windowMs: 15_000 };

describe('a query of a plan', () => {
  it('has its placeholders replaced, each time', () => {
    const query =
      'rate(a{svc="{{service}}",env="{{env}}",d="{{version}}"}[{{window}}]) - rate(b{d=\'{{version}}\'}[{{window}}] offset {{window}})';

    expect(resolveQuery(query, VALUES)).toBe(
      `rate(a{svc="shop",env="stg",d="${VERSION}"}[15s]) - rate(b{d='${VERSION}'}[15s] offset 15s)`,
    );
  });

  it.each([
    [15_000, '15s'],
    [90_000, '90s'],
    [300_000, '5m'],
    [2_500, '2500ms'],
  ])('writes a window of %d ms as %s', (windowMs, text) => {
    const resolved = resolveQuery('rate(a{d="{{version}}"}[{{window}}])', { ...VALUES, windowMs });

    expect(resolved).toContain(`[${text}]`);
  });

  it('can be shown before there is a version', () => {
    const query = 'sum(a{svc="{{service}}",d="{{version}}"})';

    expect(previewQuery(query, { ...VALUES, version: null })).toBe(
      'sum(a{svc="shop",d="{{version}}"})',
    );
  });

  it('is without fault when it is the default, in quotes of each kind, or beside a comment', () => {
    expect(findQueryFaults(P95_LATENCY.query)).toEqual([]);
    expect(findQueryFaults("a{d=`{{version}}`} + b{d='{{version}}'}")).toEqual([]);
    expect(findQueryFaults('a{d="{{version}}"} # it\'s "this\n + b')).toEqual([]);
    expect(findQueryFaults('a{x="say \\"hi\\"",d="{{version}}"}')).toEqual([]);
    expect(findQueryFaults('a{x=`back\\`,d="{{version}}"}')).toEqual([]);
  });

  it.each([
    ['an unknown placeholder', 'a{d="{{version}}",r="{{region}}"}', '{{region}} is not known'],
    ['spaces in a placeholder', 'a{d="{{ version }}"}', '{{ version }} is not known'],
    ['no version', 'a{svc="{{service}}"}', '{{version}} must occur'],
    ['a placeholder left open', 'a{d="{{version}}",e="{{env"}', 'does not close'],
    ['text outside of quotes', 'a{d={{version}}}', '{{version}} is text'],
    ['text behind a string that has ended', 'a{x="\\\\"}{{version}}', '{{version}} is text'],
    ['text after an apostrophe in a string', 'a{x="it\'s",d={{version}}}', '{{version}} is text'],
    ['a window in quotes', 'a{d="{{version}}",w="{{window}}"}', '{{window}} is a duration'],
    ['a window glued to a number', 'a{d="{{version}}"}[2{{window}}]', 'stand by itself'],
    ['a window glued to a unit', 'a{d="{{version}}"}[{{window}}m]', 'stand by itself'],
    ['a version in a comment only', 'a # {{version}}', 'stands in a comment'],
    ['a quote that is not closed', 'a{d="{{version}}', 'a quote is not closed'],
    ['a control character', 'a{d="{{version}}"}\u0000', 'control character'],
  ])('is refused with %s', (_name, query, fault) => {
    expect(findQueryFaults(query).join('; ')).toContain(fault);
    expect(() => resolveQuery(query, VALUES)).toThrow(RangeError);
  });

  it.each([
    ['a quote', { service: 'shop"} or up{x="' }],
    ['a backslash', { service: 'shop\\' }],
    ['a backtick', { service: 'sh`op' }],
    ['a line break', { service: 'shop\n' }],
    ['a placeholder', { service: '{{env}}' }],
    ['nothing', { service: '' }],
  ])('takes no value with %s', (_name, over) => {
    const query = 'a{svc="{{service}}",d="{{version}}"}';

    expect(() => resolveQuery(query, { ...VALUES, ...over })).toThrow(RangeError);
  });

  it('is about the very name in a regular expression, too', () => {
    const query = 'a{p=~"{{service}}-.*",q!~\'x|{{service}}\',s="{{service}}",d="{{version}}"}';

    expect(resolveQuery(query, { ...VALUES, service: 'shop.eu' })).toBe(
      `a{p=~"shop[.]eu-.*",q!~'x|shop[.]eu',s="shop.eu",d="${VERSION}"}`,
    );
  });

  it.each([
    [15_000, 15_000, 30_000],
    [15_000, 10_000, 20_000],
    [15_000, 5_000, 15_000],
    [2_000, 1_000, 2_000],
  ])('sampled every %d ms and scraped every %d ms has a range of %d ms', (step, scrape, range) => {
    expect(rangeMsOf(step, scrape)).toBe(range);
  });

  it.each([0, -1, 0.5, NaN])('takes no window of %d ms', (windowMs) => {
    const query = 'rate(a{d="{{version}}"}[{{window}}])';

    expect(() => resolveQuery(query, { ...VALUES, windowMs })).toThrow(RangeError);
  });
});
