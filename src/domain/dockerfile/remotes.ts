import type { RemoteSource } from './facts';
import type { BuildRefusal } from './refusal';

const SHA256 = /^sha256:[0-9a-f]{64}$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** `https://files.test/a` is below `https://files.test/`, and not below `https://files.test/ab`. */
export function isBelow(url: string, prefixes: readonly string[]): boolean {
  return prefixes.some(
    (prefix) => url === prefix || url.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`),
  );
}

/** `.` and `..` are resolved by whoever fetches, so they lead out of any prefix. */
function isPlain(url: string): boolean {
  return url.startsWith('https://') && !/\/\.{1,2}(?:[/?#]|$)|[\\@%]|\s/.test(url);
}

function refuseRemote(
  { url, text, checksum, line }: RemoteSource,
  prefixes: readonly string[],
): BuildRefusal | null {
  const refuse = (why: string, remedy: string): BuildRefusal => ({
    code: 'BUILD_REFUSED',
    line,
    message: `ADD of "${text.length > 120 ? `${text.slice(0, 120)}…` : text}": ${why}.`,
    remedy,
  });
  if (url === null) {
    return refuse(
      'variables decide whether it comes from the network',
      'Write where it comes from, or use COPY.',
    );
  }
  if (!isPlain(url) || !isBelow(url, prefixes)) {
    return refuse(
      'it comes from the network, and no policy allows that',
      'Keep the file beside the source, or have it allowed in build.remoteSources.',
    );
  }
  const pinned = checksum !== null && (SHA256.test(checksum) || COMMIT.test(checksum));
  return pinned
    ? null
    : refuse('it is not pinned', 'Add --checksum=sha256:…, or the commit of a git source.');
}

/** What a build may fetch beside its bases: below an allowed prefix, and pinned. */
export function refuseRemotes(
  remotes: readonly RemoteSource[],
  prefixes: readonly string[],
): readonly BuildRefusal[] {
  return remotes.flatMap((remote) => refuseRemote(remote, prefixes) ?? []);
}
