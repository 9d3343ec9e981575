import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../../../contract/errors';
import { Problem } from '../../../contract/schema/api-problem';
import { TokenAnswer } from '../../../contract/schema/api-session';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { CliContext } from '../../context';
import { writeSession } from '../../session-file';

interface Options extends JsonOption {
  readonly local?: boolean;
  readonly as: string;
}

/** Written by the local stack when it is up. */
const Stack = z.object({ api: z.url(), issuer: z.url() });

const TIMEOUT_MS = 10_000;

export function addLogin(parent: Command, cli: Cli): void {
  const command = parent
    .command('login')
    .option('--local', 'get a token from the issuer of the local stack')
    .option('--as <subject>', 'who to be', 'alice');
  describe(command, 'Get a token and keep it for the next commands', [
    'login --local',
    'login --local --as carol',
  ]).action(async (options: Options) => {
    if (!options.local) {
      throw new ReleaseError('INVALID_INPUT', 'There is only a local login yet', {
        details: {
          field: '--local',
          remedy: 'plura login --local, or set PLURA_SERVER and PLURA_TOKEN',
        },
      });
    }
    const { settings } = cli.context;
    const stack = await readStack(settings.stateDir);
    const token = await fetchToken(cli.context, stack.issuer, options.as);
    await writeSession(settings.configFile, { server: stack.api, token, subject: options.as });
    const session = { server: stack.api, subject: options.as, configFile: settings.configFile };
    cli.print(
      options.json ?? false,
      session,
      (one) => `Logged in to ${one.server} as ${one.subject}\n`,
    );
  });
}

async function readStack(stateDir: string): Promise<z.infer<typeof Stack>> {
  const file = path.join(stateDir, 'stack.json');
  const stack = Stack.safeParse(parseJson(await readText(file)));
  if (stack.success) return stack.data;
  throw new ReleaseError('API_UNAVAILABLE', `${file} does not describe a running stack`, {
    details: { field: file, remedy: 'start it: npm start; or point PLURA_STATE_DIR at its folder' },
  });
}

async function fetchToken(context: CliContext, issuer: string, subject: string): Promise<string> {
  const secret = await readText(path.join(context.settings.stateDir, 'issuer-secret'));
  const url = `${issuer.replace(/\/$/, '')}/token`;
  const response = await context
    .fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret.trim()}` },
      body: JSON.stringify({ subject }),
      redirect: 'error',
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    .catch((cause: unknown) => {
      throw new ReleaseError('IDENTITY_UNAVAILABLE', `No answer from the issuer at ${issuer}`, {
        cause,
        details: { remedy: 'start the stack: npm start' },
      });
    });
  const body = parseJson(await response.text());
  const answer = TokenAnswer.safeParse(body);
  if (response.ok && answer.success) return answer.data.access_token;
  const problem = Problem.pick({ detail: true, remedy: true }).safeParse(body);
  throw new ReleaseError(
    'UNAUTHENTICATED',
    problem.data?.detail ?? `The issuer gave no token for ${subject}`,
    {
      details: {
        field: '--as',
        remedy: problem.data?.remedy ?? 'see people.json in the state folder',
      },
    },
  );
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
