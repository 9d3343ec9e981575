import type { LayerEntry } from '../tar-layer';
import type { PackageContent } from './package-content';

/** What nobody reads in a container; the licences stay. */
const LEFT_OUT =
  /^(?:usr\/share\/(?:bug|man|info|lintian|locale|bash-completion)\/|usr\/share\/doc\/(?!.*\/copyright$)|etc\/(?:update-motd\.d|cron\.\w+)\/)/;
const CERTIFICATE = /^usr\/share\/ca-certificates\/.*\.crt$/;
const CA_BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/**
 * The files of packages as one tree, with a record of each as distroless has it (`var/lib/dpkg/status.d`), which scanners read. `own` come
 * before what packages bring, and folders only where something lies in them. Always the same for the same packages.
 */
export function debianEntries(
  packages: readonly PackageContent[],
  own: readonly LayerEntry[],
): readonly LayerEntry[] {
  const tree = new Map<string, LayerEntry>();
  const folders = new Map<string, LayerEntry>();
  for (const entry of own) tree.set(entry.path, entry);
  for (const { entries } of packages) {
    for (const entry of entries) {
      const isFolder = entry.content === undefined && entry.link === undefined;
      const into = isFolder ? folders : tree;
      if (!into.has(entry.path) && !LEFT_OUT.test(entry.path)) into.set(entry.path, entry);
    }
  }
  for (const entry of [...packages.flatMap(recordsOf), ...bundleOf(tree)]) {
    tree.set(entry.path, entry);
  }
  for (const path of [...tree.keys()].flatMap(parentsOf)) {
    if (!tree.has(path)) tree.set(path, folders.get(path) ?? { path, mode: 0o755 });
  }
  return inOrder([...tree.values()]);
}

function recordsOf({ name, control, md5sums }: PackageContent): readonly LayerEntry[] {
  const path = `var/lib/dpkg/status.d/${name}`;
  const file = (at: string, text: string): LayerEntry => ({
    path: at,
    mode: 0o644,
    content: Buffer.from(text),
  });
  return [file(path, control), file(`${path}.md5sums`, md5sums)];
}

/** What the script of ca-certificates would make; empty without that package. */
function bundleOf(tree: ReadonlyMap<string, LayerEntry>): readonly LayerEntry[] {
  const certificates = inOrder([...tree.values()]).flatMap(({ path, content }) =>
    CERTIFICATE.test(path) && Buffer.isBuffer(content) ? [content] : [],
  );
  const bundle = Buffer.concat(certificates);
  return bundle.length === 0 ? [] : [{ path: CA_BUNDLE, mode: 0o644, content: bundle }];
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** By path, so that a folder comes before what lies in it; a hard link after all files, since it needs its own. */
function inOrder(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const rank = ({ link }: LayerEntry): number => (link && 'hard' in link ? 1 : 0);
  return [...entries].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}
