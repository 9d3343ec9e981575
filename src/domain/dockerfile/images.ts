import type { DockerfileFacts, DockerfileStage, GlobalArgument, ImageMention } from './facts';
import type { BuildRefusal } from './refusal';
import { expandWord, type VariableValue } from './word';

interface ResolvedImages {
  /** In order; stages and `scratch` left out. */
  readonly mentions: readonly ImageMention[];
  /** For each stage, the stage it is built on. */
  readonly builtOn: readonly (number | null)[];
  readonly refusals: readonly BuildRefusal[];
}

/** Set by BuildKit for every build (frontend/dockerfile/dockerfile2llb/platform.go): they say what machine builds, and for which. */
const PLATFORM_ARGUMENTS: readonly string[] = ['BUILD', 'TARGET'].flatMap((side) =>
  ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((part) => side + part),
);
const BUILDER_ARGUMENTS: ReadonlySet<string> = new Set([...PLATFORM_ARGUMENTS, 'TARGETSTAGE']);
/**
 * BuildKit puts another value in its place before it resolves FROM, and may fetch a context or a stage of that name for it
 * (dockerfile2llb/epoch.go): all but a plain number is refused, and no image may hang on it.
 */
const EPOCH = 'SOURCE_DATE_EPOCH';
const PLAIN_NUMBER = /^\d{0,18}$/;

/** Host, path, tag, digest as distribution/reference has them, in the letters that all of it may use. */
const REFERENCE = /^[a-z0-9][a-z0-9._/:-]*(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?$/;

type Environment = ReadonlyMap<string, VariableValue>;

/** `name` without tag and digest. */
export function imageName(reference: string): string {
  const [withoutDigest = ''] = reference.split('@');
  const slash = withoutDigest.lastIndexOf('/');
  const colon = withoutDigest.indexOf(':', slash + 1);
  return colon < 0 ? withoutDigest : withoutDigest.slice(0, colon);
}

function usesLatest(reference: string): boolean {
  const [withoutDigest = ''] = reference.split('@');
  return /:latest$/i.test(withoutDigest);
}

/** Every image that a build would take, by the rules of BuildKit's Dockerfile frontend (dockerfile2llb). */
export function resolveImages(facts: DockerfileFacts): ResolvedImages {
  const refusals: BuildRefusal[] = [];
  const environment = readArguments(facts, refusals);
  const names = new Set(facts.stages.flatMap(({ name }) => (name === null ? [] : [name])));
  const earlier = new Map<string, number>();
  const mentions: ImageMention[] = [];
  const builtOn: (number | null)[] = [];
  const mention = (image: ImageMention): void => {
    const refusal = refuseName(image);
    if (refusal) refusals.push(refusal);
    else if (image.name !== 'scratch') mentions.push(image);
  };
  facts.stages.forEach((stage, index) => {
    const from = resolveFrom(stage, environment, facts.escape, refusals);
    const before = from === null ? undefined : earlier.get(from);
    builtOn.push(before ?? null);
    if (from !== null && before === undefined) mention({ name: from, line: stage.line });
    // A stage's name counts from the next one on; COPY and RUN may name any stage, COPY by number too.
    for (const copied of stage.copiesFrom) {
      const isNumber = copied.kind === 'copy' && /^\d+$/.test(copied.name);
      const isStage = isNumber ? Number(copied.name) < index : names.has(copied.name.toLowerCase());
      if (!isStage) mention({ name: copied.name, line: copied.line });
    }
    if (stage.name !== null) earlier.set(stage.name, index);
  });
  return {
    mentions,
    builtOn,
    refusals: [...refusals, ...refuseNamesakes(facts.stages, mentions)],
  };
}

function refusal(line: number, message: string, remedy: string): BuildRefusal {
  return { code: 'BUILD_REFUSED', line, message, remedy };
}

function readArguments(facts: DockerfileFacts, refusals: BuildRefusal[]): Environment {
  const environment = new Map<string, VariableValue>();
  for (const name of [...BUILDER_ARGUMENTS, EPOCH]) environment.set(name, { unknown: true });
  for (const argument of facts.arguments) {
    const value = readArgument(argument, environment, facts.escape, refusals);
    if (argument.name === EPOCH) refusals.push(...refuseEpoch(argument, value));
    else if (value !== null) environment.set(argument.name, value);
  }
  return environment;
}

/** Null when it leaves the variable as it was. */
function readArgument(
  { name, value, line }: GlobalArgument,
  environment: Environment,
  escape: '\\' | '`',
  refusals: BuildRefusal[],
): VariableValue {
  if (value === null) return null;
  const expanded = expandWord(value, { escape, lookUp: lookUpIn(environment) });
  if (expanded.ok) return expanded.text;
  // Only a FROM that uses such a value is refused for it.
  if (expanded.cause !== 'unknown') {
    const message = `The default of ARG ${name} can't be read: ${expanded.reason}.`;
    refusals.push(refusal(line, message, 'Write the value plainly, or leave the ARG out.'));
  }
  return { unknown: true };
}

function refuseEpoch({ line }: GlobalArgument, value: VariableValue): readonly BuildRefusal[] {
  if (value === null || (typeof value === 'string' && PLAIN_NUMBER.test(value))) return [];
  const message = `The default of ARG ${EPOCH} is no number of seconds.`;
  return [refusal(line, message, 'Write the seconds since 1970 in digits, or leave the ARG out.')];
}

function lookUpIn(environment: Environment): (name: string) => VariableValue {
  return (name) => environment.get(name) ?? null;
}

function resolveFrom(
  stage: DockerfileStage,
  environment: Environment,
  escape: '\\' | '`',
  refusals: BuildRefusal[],
): string | null {
  const expanded = expandWord(stage.from, { escape, lookUp: lookUpIn(environment) });
  if (expanded.ok && expanded.text !== '') return expanded.text;
  const why = expanded.ok ? 'it is empty' : expanded.reason;
  const message = `The image "${shorten(stage.from)}" can't be told before the build: ${why}.`;
  const remedy = 'Write the name of an allow-listed base image, or an ARG with a default.';
  refusals.push(refusal(stage.line, message, remedy));
  return null;
}

function refuseName({ name, line }: ImageMention): BuildRefusal | null {
  if (!REFERENCE.test(name)) {
    const message = `"${shorten(name)}" is not the name of an image.`;
    return refusal(line, message, 'Write the name of an allow-listed base image.');
  }
  if (!usesLatest(name)) return null;
  return {
    code: 'LATEST_REFUSED',
    line,
    message: `The Dockerfile names "${name}": the tag latest is refused.`,
    remedy: `Write "${imageName(name)}" alone; the builder pins it by digest.`,
  };
}

/** BuildKit would put the pinned base in place of a stage that has its name (dockerfile2llb, namedContext). */
function refuseNamesakes(
  stages: readonly DockerfileStage[],
  mentions: readonly ImageMention[],
): readonly BuildRefusal[] {
  const images = new Set(mentions.map(({ name }) => imageName(name)));
  return stages.flatMap(({ name, line }) =>
    name !== null && images.has(name)
      ? [refusal(line, `The stage "${name}" has the name of an image.`, 'Rename the stage.')]
      : [],
  );
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
