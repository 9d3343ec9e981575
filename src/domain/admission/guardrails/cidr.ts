/** A block of addresses. */
interface Block {
  readonly bits: 32 | 128;
  readonly address: bigint;
  readonly prefix: number;
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/;

function readIpv4(text: string): bigint | null {
  const octets = text.split('.');
  const isValid =
    octets.length === 4 && octets.every((one) => OCTET.test(one) && Number(one) <= 255);
  return isValid ? octets.reduce((sum, one) => (sum << 8n) | BigInt(one), 0n) : null;
}

/** RFC 4291, section 2.2. The form that ends in an IPv4 address is left out: no API server writes it. */
function readIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
    : null;
}

function readBlock(cidr: string): Block | null {
  const [, text = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const bits = text.includes(':') ? 128 : 32;
  const address = bits === 32 ? readIpv4(text) : readIpv6(text);
  const prefix = Number(length);
  return length === '' || address === null || prefix > bits ? null : { bits, address, prefix };
}

export function isCidr(text: string): boolean {
  return readBlock(text) !== null;
}

/** Whether each address of `inner` is one of `outer`. What is no CIDR is in none and has nothing in it. */
export function isWithin(inner: string, outer: string): boolean {
  const [small, large] = [readBlock(inner), readBlock(outer)];
  if (!small || !large || small.bits !== large.bits || small.prefix < large.prefix) return false;
  const shift = BigInt(large.bits - large.prefix);
  return small.address >> shift === large.address >> shift;
}
