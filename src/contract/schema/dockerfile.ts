import { DockerfileParser } from 'dockerfile-ast';
import type {
  CopySource,
  DockerfileFacts,
  DockerfileStage,
  GlobalArgument,
  RemoteSource,
  UnclearText,
} from '../../domain/dockerfile/facts';
import { readInstructions, type DockerfileLine } from './dockerfile-lines';
import { readCopySources, readRemoteSources, whyUnclear } from './dockerfile-sources';
import { readDockerfileText } from './dockerfile-text';
import {
  splitArguments,
  splitInstruction,
  splitWords,
  type SplitInstruction,
} from './dockerfile-words';

/** buildkit, frontend/dockerfile/command. */
const KEYWORDS = new Set(
  'add arg cmd copy entrypoint env expose from healthcheck label maintainer onbuild run shell stopsignal user volume workdir'.split(
    ' ',
  ),
);
/** More than any Dockerfile has; each costs both readers, and each of its images the registry. */
const MAX_STAGES = 500;

interface OpenStage extends Omit<DockerfileStage, 'copiesFrom' | 'user'> {
  user: string | null;
  readonly copiesFrom: CopySource[];
}

interface Draft {
  readonly escape: '\\' | '`';
  readonly stages: OpenStage[];
  readonly arguments: GlobalArgument[];
  readonly remotes: RemoteSource[];
  readonly unclear: UnclearText[];
}

/**
 * The facts of a Dockerfile's text, the only place where one is read: by the rules of BuildKit's own frontend, and by a library that must
 * find the same stages.
 */
export function parseDockerfile(text: string): DockerfileFacts {
  const head = readDockerfileText(text);
  const { escape, syntax } = head;
  const draft: Draft = { escape, stages: [], arguments: [], remotes: [], unclear: [] };
  if (head.unreadable !== null) {
    draft.unclear.push({ text: '', ...head.unreadable });
    return { ...draft, syntax };
  }
  const { instructions, unclear } = readInstructions(head);
  for (const line of instructions) readInstruction(draft, line);
  draft.unclear.push(...unclear);
  if (draft.stages.length > MAX_STAGES) {
    const why = `it has ${draft.stages.length} stages, and ${MAX_STAGES} are the most`;
    return { ...draft, stages: [], unclear: [{ text: '', line: 1, why }], syntax };
  }
  const other = draft.unclear.length > 0 ? null : compareWithLibrary(draft, instructions);
  if (other !== null) draft.unclear.push(other);
  return { ...draft, syntax };
}

function readInstruction(draft: Draft, line: DockerfileLine): void {
  const split = splitInstruction(line.text, draft.escape);
  const { keyword } = split;
  const why = KEYWORDS.has(keyword) ? whyUnclear(split) : 'it is no instruction that is known';
  if (why !== null) draft.unclear.push({ ...line, why });
  else if (keyword === 'from') openStage(draft, split, line);
  else if (keyword === 'onbuild') readTrigger(draft, split, line);
  else if (keyword === 'arg' && draft.stages.length === 0) readGlobals(draft, split, line);
  else readStep(draft, split, line);
}

function openStage({ stages }: Draft, { args }: SplitInstruction, { line }: DockerfileLine): void {
  const [from = '', , name] = splitWords(args);
  stages.push({ from, line, name: name?.toLowerCase() ?? null, user: null, copiesFrom: [] });
}

function readGlobals(draft: Draft, { args }: SplitInstruction, { line }: DockerfileLine): void {
  for (const word of splitArguments(args, draft.escape)) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    draft.arguments.push({ name, value: equals < 0 ? null : word.slice(equals + 1), line });
  }
}

function readStep(draft: Draft, split: SplitInstruction, line: DockerfileLine): void {
  const stage = draft.stages.at(-1);
  if (!stage) return;
  if (split.keyword === 'user') stage.user = split.args;
  readSources(draft, stage, split, line);
}

function readSources(
  { escape, remotes }: Draft,
  stage: OpenStage,
  split: SplitInstruction,
  line: DockerfileLine,
): void {
  stage.copiesFrom.push(...readCopySources(split, line));
  remotes.push(...readRemoteSources(split, line, escape));
}

/** BuildKit reads a trigger again when a later stage, or another build, starts from it: with `\` as escape, whatever this file says. */
function readTrigger(draft: Draft, { args }: SplitInstruction, line: DockerfileLine): void {
  const trigger = splitInstruction(args, draft.escape);
  const isPlain = KEYWORDS.has(trigger.keyword) && !/[\\`\u0085]|<<|[^\S\t ]/.test(args);
  const why = isPlain ? whyUnclear(trigger) : 'it is unclear how its trigger would be read';
  const stage = draft.stages.at(-1);
  if (why !== null) draft.unclear.push({ ...line, why });
  else if (stage) readSources(draft, stage, trigger, line);
}

/** A second opinion on where stages begin and what they start from. */
function compareWithLibrary(
  { stages, escape }: Draft,
  instructions: readonly DockerfileLine[],
): UnclearText | null {
  // Each instruction is one line by now: nothing goes on, and no here-document is left.
  const directive = escape === '`' ? '# escape=`\n' : '';
  const text = instructions
    .filter((one) => /^\W*from/i.test(one.text))
    .map((one) => one.text.replaceAll('<<', '< <').replace(/[\\`]\s*$/, '_'))
    .join('\n');
  const froms = DockerfileParser.parse(directive + text).getFROMs();
  const differs = stages.find((stage, index) => {
    const from = froms[index];
    return (
      from?.getImage() !== stage.from ||
      (from.getBuildStage()?.toLowerCase() ?? null) !== stage.name
    );
  });
  if (!differs && froms.length === stages.length) return null;
  const line = differs?.line ?? 1;
  return {
    text: differs ? `FROM ${differs.from}` : '',
    line,
    why: 'two readers disagree about it',
  };
}
