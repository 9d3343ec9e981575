import { DockerfileParser, type From } from 'dockerfile-ast';
import type { DockerfileFacts, DockerfileStage } from '../../domain/dockerfile';

const MOUNT_FROM = /(?:^|,)from=([^,\s]+)/;

type Ast = ReturnType<typeof DockerfileParser.parse>;
type Instruction = ReturnType<Ast['getInstructions']>[number];

function flagValues(instruction: Instruction, flag: string): readonly string[] {
  // The whole text: dockerfile-ast knows the flags of some instructions only, and ONBUILD hides another one.
  const words = instruction.getTextContent().split(/\s+/);
  const prefix = `--${flag}=`;
  return words
    .filter((word) => word.startsWith(prefix))
    .map((word) => word.slice(prefix.length).replaceAll(/^["']|["']$/g, ''));
}

function imagesCopied(instruction: Instruction): readonly string[] {
  const keyword = instruction.getKeyword();
  const mounts = flagValues(instruction, 'mount').flatMap(
    (mount) => MOUNT_FROM.exec(mount)?.[1] ?? [],
  );
  const copies = keyword === 'COPY' || keyword === 'ONBUILD' ? flagValues(instruction, 'from') : [];
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

/** BuildKit also takes the frontend from a `// syntax=` line or a JSON document (parser, directives.go, DetectSyntax). */
function foreignSyntax(text: string): string | null {
  if (text.trimStart().startsWith('{')) {
    return 'of a JSON document';
  }
  return /^\s*\/\/\s*syntax\s*=\s*(.*)$/im.exec(text)?.[1]?.trim() ?? null;
}

/** The facts of a Dockerfile's text (docs.docker.com/reference/dockerfile). */
export function parseDockerfile(text: string): DockerfileFacts {
  const ast = DockerfileParser.parse(text);
  const instructions = ast.getInstructions();
  const froms = ast.getFROMs();
  const stages = froms.map((from, index) => {
    const start = instructions.indexOf(from);
    const next = froms[index + 1];
    const end = next ? instructions.indexOf(next) : instructions.length;
    return readStage(from, instructions.slice(start + 1, end));
  });
  const directive = ast.getDirectives().find((one) => one.getName().toLowerCase() === 'syntax');
  return { stages, syntax: directive?.getValue() ?? foreignSyntax(text) };
}
