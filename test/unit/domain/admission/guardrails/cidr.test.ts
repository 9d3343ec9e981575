import { BlockList } from 'node:net';
import fc from 'fast-check';
import { isCidr, isWithin } from '../../../../../src/domain/admission/guardrails/cidr';

const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });

describe('a block of addresses', () => {
  it('holds the IPv4 addresses that Node says it holds', () => {
    fc.assert(
      fc.property(octets, octets, fc.nat(32), fc.nat(4), (outer, other, prefix, kept) => {
        const inner = [...outer.slice(0, kept), ...other.slice(kept)].join('.');
        const blocks = new BlockList();
        blocks.addSubnet(outer.join('.'), prefix, 'ipv4');

        expect(isWithin(`${inner}/32`, `${outer.join('.')}/${prefix}`)).toBe(
          blocks.check(inner, 'ipv4'),
        );
      }),
    );
  });

  it('holds the IPv6 addresses that Node says it holds', () => {
    fc.assert(
      fc.property(groups, groups, fc.nat(128), fc.nat(8), (outer, other, prefix, kept) => {
        const text = (all: readonly number[]): string =>
          all.map((one) => one.toString(16)).join(':');
        const inner = text([...outer.slice(0, kept), ...other.slice(kept)]);
        const blocks = new BlockList();
        blocks.addSubnet(text(outer), prefix, 'ipv6');

        expect(isWithin(`${inner}/128`, `${text(outer)}/${prefix}`)).toBe(
          blocks.check(inner, 'ipv6'),
        );
      }),
    );
  });

  it.each([
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/7', '10.0.0.0/8', false],
    ['11.0.0.0/8', '10.0.0.0/8', false],
    ['0.0.0.0/0', '0.0.0.0/0', true],
    ['::/0', '0.0.0.0/0', false],
    ['10.0.0.0/8', '::/0', false],
    ['2001:db8::1/128', '2001:db8::/32', true],
    ['::1/128', '::/127', true],
    ['nonsense', '0.0.0.0/0', false],
  ])('%s is within %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['::/0', true],
    ['1::/16', true],
    ['1:2:3:4:5:6:7:8/128', true],
    ['10.0.0.0', false],
    ['10.0.0/8', false],
    ['010.0.0.0/8', false],
    ['10.0.0.256/8', false],
    ['10.0.0.0/33', false],
    ['::/129', false],
    ['1::2::3/64', false],
    ['1:2:3:4:5:6:7/64', false],
    ['1:2:3:4:5:6:7:8::/64', false],
    ['12345::/16', false],
    ['::ffff:10.0.0.1/128', false],
    ['', false],
  ])('%s is one: %s', (text, expected) => {
    expect(isCidr(text)).toBe(expected);
  });
});
