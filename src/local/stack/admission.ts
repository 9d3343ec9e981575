import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { StackContext } from './context';

/** What the webhook of a stack reads and keeps. */
interface AdmissionFiles {
  readonly settings: string;
  /** Its own authority. */
  readonly certificate: string;
  readonly key: string;
  readonly audit: string;
}

export function admissionFiles(stateDir: string): AdmissionFiles {
  const folder = join(stateDir, 'admission');
  return {
    settings: join(folder, 'admission.yaml'),
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    audit: join(folder, 'audit.jsonl'),
  };
}

/** The shipped settings, with the names that this stack's registry goes by. */
export async function writeAdmissionSettings({
  root,
  ports,
  stateDir,
}: Pick<StackContext, 'root' | 'ports' | 'stateDir'>): Promise<void> {
  const { settings } = admissionFiles(stateDir);
  const shipped = await readFile(join(root, 'deploy', 'admission', 'default.yaml'), 'utf8');
  const document = parseDocument(shipped);
  document.set('registries', [`127.0.0.1:${ports.registry}`, `localhost:${ports.registry}`]);
  await mkdir(dirname(settings), { recursive: true, mode: 0o700 });
  await writeFile(settings, document.toString());
}
