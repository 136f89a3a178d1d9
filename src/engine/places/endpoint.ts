// Which Docker is meant: the socket that DOCKER_HOST, the client's current context or the system names. Another machine's is none.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { textOf } from '../limits/reading';
import { here } from '../platform/platform';

export type Endpoint = { readonly socket: string } | { readonly why: string };

const MOST_BYTES = 256 * 1024;
const configSchema = () => z.object({ currentContext: z.string().optional() });
const contextSchema = () => z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/** As the client of the command line finds it. Reads files only. */
export function findEndpoint(env: NodeJS.ProcessEnv = process.env): Endpoint {
  const host = env['DOCKER_HOST'] || hostOfContext(env);
  if (host === null) {
    const usual = here.isWindows ? '//./pipe/docker_engine' : '/var/run/docker.sock';
    return here.isWindows || existsSync(usual) ? { socket: usual } : { why: 'Docker does not run here' };
  }
  const [, kind = '', path = ''] = /^(unix|npipe):\/\/(.*)$/.exec(host) ?? [];
  return kind === '' ? { why: 'Docker runs on another machine' } : { socket: kind === 'npipe' ? path.replace(/^\/\/\.\/?/, '//./') : path };
}

function hostOfContext(env: NodeJS.ProcessEnv): string | null {
  const folder = env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const name = env['DOCKER_CONTEXT'] || configSchema().safeParse(parsed(join(folder, 'config.json'))).data?.currentContext;
  if (name === undefined || name === '' || name === 'default') {
    return null;
  }
  const id = createHash('sha256').update(name).digest('hex');
  const context = contextSchema().safeParse(parsed(join(folder, 'contexts/meta', id, 'meta.json')));
  return context.success ? context.data.Endpoints.docker.Host : null;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(textOf(file, MOST_BYTES) ?? '');
  } catch {
    return undefined;
  }
}
