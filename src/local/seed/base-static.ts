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

/** As distroless/static: users, a place for temporary files, CA certificates when the host has some. No shell. */
export async function staticBaseEntries(): Promise<readonly LayerEntry[]> {
  const passwd = `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin\n`;
  const group = `root:x:0:\nnonroot:x:${NONROOT}:\n`;
  const certificates = await readCertificates();
  const folder = (path: string, mode = 0o755): LayerEntry => ({ path, mode });
  const file = (path: string, content: Buffer | string): LayerEntry => ({
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
    ...(certificates
      ? [
          folder('etc/ssl'),
          folder('etc/ssl/certs'),
          file('etc/ssl/certs/ca-certificates.crt', certificates),
        ]
      : []),
  ];
}
