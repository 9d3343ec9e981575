const BLOCK =
  /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/** Headers end at the first empty line; the checksum line starts with `=` (RFC 9580, 6.2). */
function bodyOf(block: string): Buffer {
  const lines = block.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === '') + 1;
  const data = lines.slice(start).filter((line) => !line.startsWith('='));
  return Buffer.from(data.join(''), 'base64');
}

/** The keys of an armored file one after the other, as gpgv reads a keyring; empty when it holds none. */
export function dearmorKeys(text: string): Buffer {
  return Buffer.concat([...text.matchAll(BLOCK)].map(([, block = '']) => bodyOf(block)));
}
