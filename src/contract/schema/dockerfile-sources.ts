import type { CopySource, RemoteSource } from '../../domain/dockerfile/facts';
import { expandWord } from '../../domain/dockerfile/word';
import type { DockerfileLine } from './dockerfile-lines';
import { readJsonForm, splitWords, type SplitInstruction } from './dockerfile-words';

/** What BuildKit takes for an address (util/gitutil, ParseURL; util/sshutil): a scheme, or `user@host:path`. */
const ADDRESS = /^(?:[a-zA-Z0-9]+:\/\/|[\w-]+@[a-zA-Z0-9.-]+:)/;
/** No value of a later variable makes an address of this. */
const LOCAL = /^(?:\.{0,2}\/|[\w.-]+\/)/;

function valuesOf(flags: readonly string[], name: string): readonly string[] {
  const prefix = `--${name}=`;
  return flags.filter((flag) => flag.startsWith(prefix)).map((flag) => flag.slice(prefix.length));
}

/** Images or stages that one instruction copies from or mounts. */
export function readCopySources(
  { keyword, flags }: SplitInstruction,
  { line }: DockerfileLine,
): readonly CopySource[] {
  const copied = keyword === 'copy' || keyword === 'add' ? valuesOf(flags, 'from') : [];
  const mounted = keyword === 'run' ? valuesOf(flags, 'mount').flatMap(fromOfMount) : [];
  return [
    ...copied.filter((name) => name !== '').map((name) => ({ name, line, kind: 'copy' as const })),
    ...mounted.map((name) => ({ name, line, kind: 'mount' as const })),
  ];
}

/** buildkit, frontend/dockerfile/instructions/commands_runmount.go; fields in quotes are refused before. */
function fromOfMount(mount: string): readonly string[] {
  return mount.split(',').flatMap((field) => {
    const equals = field.indexOf('=');
    const isFrom = equals >= 0 && field.slice(0, equals).toLowerCase() === 'from';
    return isFrom && equals + 1 < field.length ? [field.slice(equals + 1)] : [];
  });
}

/** What ADD would fetch from elsewhere than the context, or might. */
export function readRemoteSources(
  { keyword, flags, args }: SplitInstruction,
  { line }: DockerfileLine,
  escape: '\\' | '`',
): readonly RemoteSource[] {
  if (keyword !== 'add') return [];
  const checksum = valuesOf(flags, 'checksum').at(-1) ?? null;
  const sources = (readJsonForm(args) ?? splitWords(args)).slice(0, -1);
  return sources.flatMap((text): readonly RemoteSource[] => {
    const word = expandWord(text, { escape, lookUp: () => ({ unknown: true }) });
    if (!word.ok) return LOCAL.test(text) ? [] : [{ url: null, text, checksum, line }];
    return ADDRESS.test(word.text) ? [{ url: word.text, text, checksum, line }] : [];
  });
}

/** Why what an instruction names can't be told for certain; null when it can. */
export function whyUnclear({ keyword, flags, args }: SplitInstruction): string | null {
  if (flags.some((flag) => /[^\x20-\x7e]/.test(flag))) return 'its flags hold more than plain text';
  if (keyword === 'run' && valuesOf(flags, 'mount').some((mount) => mount.includes('"'))) {
    return 'its mount holds quotes';
  }
  const words = keyword === 'from' ? splitWords(args) : [];
  const isStage = words.length === 1 || (words.length === 3 && /^as$/i.test(words[1] ?? ''));
  if (keyword === 'from' && !isStage) return 'FROM takes an image, or an image AS a name';
  const name = words[2];
  return name === undefined || /^[a-z][a-z0-9-_.]*$/i.test(name)
    ? null
    : `"${name}" is no name for a stage`;
}
