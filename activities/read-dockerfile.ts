import { DockerfileParser } from 'dockerfile-ast';
import type { DockerfileFacts, DockerfileStage } from '../src/domain/dockerfile';

type Ast = ReturnType<typeof DockerfileParser.parse>;
type Instruction = ReturnType<Ast['getInstructions']>[number];
type Stage = { -readonly [K in keyof DockerfileStage]: DockerfileStage[K] } & {
  copiesFrom: string[];
};

interface FlagOption {
  getValue(): string | null;
}

interface WithFlags {
  getFlags(): {
    getName(): string;
    getValue(): string | null;
    getOption(name: string): FlagOption | null;
  }[];
}

function hasFlags(instruction: Instruction): instruction is Instruction & WithFlags {
  return 'getFlags' in instruction;
}

/** Images or stages that COPY --from, ADD --from and RUN --mount=…,from= name. */
function sourcesOf(instruction: Instruction): readonly string[] {
  if (!hasFlags(instruction)) return [];
  return instruction.getFlags().flatMap((flag) => {
    const name = flag.getName().toLowerCase();
    if (name === 'from') return flag.getValue() ?? [];
    return name === 'mount' ? (flag.getOption('from')?.getValue() ?? []) : [];
  });
}

/** Reads a Dockerfile as BuildKit does; what may be built is decided by domain/dockerfile. */
export function readDockerfile(text: string): DockerfileFacts {
  const dockerfile = DockerfileParser.parse(text);
  const froms = dockerfile.getFROMs();
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const keyword = instruction.getKeyword().toUpperCase();
    if (keyword === 'FROM') {
      const from = froms[stages.length];
      stages.push({
        from: from?.getImage() ?? '',
        name: from?.getBuildStage() ?? null,
        user: null,
        copiesFrom: [],
      });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) continue;
    if (keyword === 'USER') stage.user = instruction.getArgumentsContent() ?? '';
    stage.copiesFrom.push(...sourcesOf(instruction));
  }
  const syntax = dockerfile
    .getDirectives()
    .find((directive) => directive.getName().toLowerCase() === 'syntax');
  return { stages, syntax: syntax?.getValue() ?? null };
}
