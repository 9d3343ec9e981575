import { readFile } from 'node:fs/promises';
import type { LayerEntry } from './tar-layer';

const NONROOT = 65532;
const CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

async function readCertificates(): Promise<Buffer | null> {
  for (const file of CA_BUNDLES) {
    const bytes = await readFile(file).catch(() => null);
    if (bytes) {
      return bytes;
    }
  }
  return null;
}

/** Users, and a place for temporary files: what every base of ours has. No shell. */
export function plainBaseEntries(): readonly LayerEntry[] {
  const passwd = `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin\n`;
  const group = `root:x:0:\nnonroot:x:${NONROOT}:\n`;
  const folder = (path: string, mode = 0o755): LayerEntry => ({ path, mode });
  const file = (path: string, content: string): LayerEntry => ({
    path,
    mode: 0o644,
    content: Buffer.from(content),
  });
  return [
    folder('etc'),
    file('etc/passwd', passwd),
    file('etc/group', group),
    file('etc/nsswitch.conf', 'hosts: files dns\n'),
    folder('home'),
    { path: 'home/nonroot', mode: 0o700, owner: NONROOT },
    folder('root', 0o700),
    folder('tmp', 0o1777),
  ];
}

/** As distroless/static, without packages that a scanner would know: CA certificates when the host has some. */
export async function staticBaseEntries(): Promise<readonly LayerEntry[]> {
  const certificates = await readCertificates();
  if (!certificates) return plainBaseEntries();
  return [
    ...plainBaseEntries(),
    { path: 'etc/ssl', mode: 0o755 },
    { path: 'etc/ssl/certs', mode: 0o755 },
    { path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: certificates },
  ];
}
