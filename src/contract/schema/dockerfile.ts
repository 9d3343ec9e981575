import { DockerfileParser, type From } from 'dockerfile-ast';
import type { DockerfileFacts, DockerfileStage } from '../../domain/dockerfile';
import { readDockerfileText, readInstructions } from './dockerfile-text';

const MOUNT_FROM = /(?:^|,)from=([^,\s]+)/i;
const COPYING: readonly string[] = ['ADD', 'COPY', 'ONBUILD'];

type Ast = ReturnType<typeof DockerfileParser.parse>;
type Instruction = ReturnType<Ast['getInstructions']>[number];

function flagValues(line: string, flag: string): readonly string[] {
  // All words: dockerfile-ast knows the flags of some instructions only, and ONBUILD hides another one.
  // BuildKit drops quotes and backslashes wherever they stand in a flag.
  const words = line.replaceAll(/["'\\]/g, '').split(/\s+/);
  const prefix = `--${flag}=`;
  return words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length));
}

function imagesCopied(instruction: Instruction): readonly string[] {
  const line = instruction.getTextContent();
  const mounts = flagValues(line, 'mount').flatMap((mount) => MOUNT_FROM.exec(mount)?.[1] ?? []);
  const copies = COPYING.includes(instruction.getKeyword()) ? flagValues(line, 'from') : [];
  return [...copies, ...mounts];
}

function readStage(from: From, instructions: readonly Instruction[]): DockerfileStage {
  const users = instructions.filter((one) => one.getKeyword() === 'USER');
  return {
    from: from.getImage() ?? '',
    name: from.getBuildStage()?.toLowerCase() ?? null,
    user: users.at(-1)?.getArgumentsContent()?.trim() ?? null,
    copiesFrom: instructions.flatMap(imagesCopied),
  };
}

/** The facts of a Dockerfile's text (docs.docker.com/reference/dockerfile), the only place where one is read. */
export function parseDockerfile(text: string): DockerfileFacts {
  const head = readDockerfileText(text);
  const { instructions: lines, unclear } = readInstructions(head);
  // Only so that a word of the other escape character is not read as one: no line goes on any more.
  const directive = head.escape === '`' ? '# escape=`\n' : '';
  const ast = DockerfileParser.parse(directive + lines.join('\n'));
  const instructions = ast.getInstructions();
  const froms = ast.getFROMs();
  const stages = froms.map((from, index) => {
    const start = instructions.indexOf(from);
    const next = froms[index + 1];
    const end = next ? instructions.indexOf(next) : instructions.length;
    return readStage(from, instructions.slice(start + 1, end));
  });
  return { stages, syntax: head.syntax, unclear };
}
