/** What the config of an image says (image-spec, config.md) that could be configuration of a service. */
export interface ImageConfig {
  /** `NAME=value`, as `config.Env`. */
  readonly env: readonly string[];
  /** `config.Entrypoint` and `config.Cmd`. */
  readonly command: readonly string[];
  /** `history[].created_by`. */
  readonly history: readonly string[];
}

/** A `COPY` or `ADD` of BuildKit, or of the classic builder behind `#(nop)`. */
const COPIES = /^(?:.*#\(nop\) +)?(?:COPY|ADD) /s;
const BETWEEN_WORDS = /[\s"',=[\]]+/;

export function envNamesOf({ env }: ImageConfig): readonly string[] {
  return env.map((one) => one.split('=', 1)[0] ?? '');
}

/**
 * Words of commands and of copies that could be paths, with a `/` in front so that one pattern fits both `.env` and `/app/.env`. A
 * folder that is copied whole does not tell what is in it.
 */
export function pathsOf({ command, history }: ImageConfig): readonly string[] {
  const words = [...command, ...history.filter((line) => COPIES.test(line))]
    .flatMap((line) => line.split(BETWEEN_WORDS))
    .filter((word) => word !== '' && !word.startsWith('-'));
  return [...new Set(words.map((word) => (word.startsWith('/') ? word : `/${word}`)))];
}
