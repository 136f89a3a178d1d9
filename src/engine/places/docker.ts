// Docker's own API over its socket (https://docs.docker.com/reference/api/engine/): the few requests that copies need.
import { request, type IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { BackupError } from '../errors';
import { said } from '../said';

/** Milliseconds without an answer, or without another byte of it. */
const PATIENCE = 30_000;
/** The same where a container is stopped, which may take the time that it is given, or where much is written. */
const LONG_PATIENCE = 600_000;
const LARGEST = 8 * 1024 * 1024;
/** In the mode of what is there, as Go has it. */
export const FOLDER_BIT = 2 ** 31;

const mountSchema = () =>
  z.object({
    Type: z.string().optional(),
    Name: z.string().optional(),
    Source: z.string().optional(),
    Destination: z.string(),
    RW: z.boolean().optional(),
  });
const containersSchema = () =>
  z.array(
    z.object({
      Id: z.string(),
      ImageID: z.string().optional(),
      State: z.string(),
      Labels: z.record(z.string(), z.string()).nullish(),
      Mounts: z.array(mountSchema()).nullish(),
    }),
  );
const volumesSchema = () =>
  z.object({ Volumes: z.array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() })).nullish() });
const imagesSchema = () => z.array(z.object({ Id: z.string() }));
const createdSchema = () => z.object({ Id: z.string() });
const eventSchema = () => z.object({ Action: z.string(), time: z.number() });
const statSchema = () => z.object({ size: z.number(), mtime: z.string(), mode: z.number().optional() });
const inspectSchema = () =>
  z.object({ Name: z.string(), State: z.object({ Status: z.string() }), HostConfig: z.object({ AutoRemove: z.boolean().nullish() }) });
const volumeSchema = () => z.object({ Options: z.record(z.string(), z.string()).nullish(), Mountpoint: z.string().optional() });

export type DockerContainer = z.infer<ReturnType<typeof containersSchema>>[number];
export type DockerVolume = NonNullable<z.infer<ReturnType<typeof volumesSchema>>['Volumes']>[number];
export type PathStat = z.infer<ReturnType<typeof statSchema>>;

interface PauseEvent {
  /** Otherwise it was woken. */
  readonly isPause: boolean;
  /** Milliseconds since 1970, to the second. */
  readonly time: number;
}

/** There is more to read than there is time for it. */
export class TakesTooLong extends BackupError {
  constructor() {
    super('READ_FAILED', 'What is in the container is too much to be read for a look.', 'Make a backup: that takes the time it needs.');
  }
}

/** Nobody has heard what was asked for, or what became of it is not known. */
export class NoAnswer extends BackupError {}

export class Docker {
  constructor(readonly socket: string) {}

  /** Those that have ended, too, unless `filters` say otherwise. */
  async containers(filters: Readonly<Record<string, readonly string[]>>): Promise<readonly DockerContainer[]> {
    return containersSchema().parse(await this.#json('GET', `/containers/json?all=1&filters=${encoded(filters)}`));
  }

  async volumes(filters: Readonly<Record<string, readonly string[]>>): Promise<readonly DockerVolume[]> {
    return volumesSchema().parse(await this.#json('GET', `/volumes?filters=${encoded(filters)}`)).Volumes ?? [];
  }

  /** Any image that is here; null: there is none. */
  async anyImage(): Promise<string | null> {
    return imagesSchema().parse(await this.#json('GET', '/images/json'))[0]?.Id ?? null;
  }

  /** Whether it was this call that did it: not where somebody else has paused the container, or where it does not run. */
  async pause(id: string): Promise<boolean> {
    const answer = await this.#ask('POST', `/containers/${id}/pause`);
    const reply = await text(answer);
    if (answer.statusCode === 409) {
      return false;
    }
    if ((answer.statusCode ?? 500) >= 300) {
      throw refusal('pause', answer.statusCode, reply);
    }
    return true;
  }

  async unpause(id: string): Promise<void> {
    await this.#done('POST', `/containers/${id}/unpause`);
  }

  /** What Docker remembers of the container having been paused and woken since then (milliseconds since 1970), oldest first. */
  async pauses(id: string, since: number): Promise<readonly PauseEvent[]> {
    const filters = encoded({ type: ['container'], container: [id], event: ['pause', 'unpause'] });
    const answer = await this.#ask(
      'GET',
      `/events?since=${(since / 1000).toFixed(3)}&until=${Math.ceil(Date.now() / 1000)}&filters=${filters}`,
    );
    const lines = (await text(answer)).split('\n').filter((line) => line.trim() !== '');
    return lines
      .map((line) => eventSchema().parse(JSON.parse(line)))
      .map(({ Action, time }) => ({ isPause: Action === 'pause', time: time * 1000 }));
  }

  /** null: it is gone. */
  async inspect(id: string): Promise<{ readonly name: string; readonly status: string; readonly isRemovedWhenStopped: boolean } | null> {
    const answer = await this.#ask('GET', `/containers/${id}/json`);
    const reply = await text(answer);
    if (answer.statusCode === 404) {
      return null;
    }
    if (answer.statusCode !== 200) {
      throw refusal('inspect', answer.statusCode, reply);
    }
    const { Name, State, HostConfig } = inspectSchema().parse(JSON.parse(reply));
    return { name: Name.replace(/^\//, ''), status: State.Status, isRemovedWhenStopped: HostConfig.AutoRemove === true };
  }

  /** What it was made with; null: there is no such volume. */
  async volumeOptions(name: string): Promise<Readonly<Record<string, string>> | null> {
    const volume = await this.#volume(name);
    return volume === null ? null : (volume.Options ?? {});
  }

  /** Its folder on Docker's own machine. */
  async mountpoint(name: string): Promise<string | null> {
    return (await this.#volume(name))?.Mountpoint || null;
  }

  async #volume(name: string): Promise<z.infer<ReturnType<typeof volumeSchema>> | null> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    const answer = await this.#ask('GET', path);
    const reply = await text(answer);
    if (answer.statusCode === 404) {
      return null;
    }
    if (answer.statusCode !== 200) {
      throw refusal(`GET ${path}`, answer.statusCode, reply);
    }
    return volumeSchema().parse(JSON.parse(reply));
  }

  /** Returns when it has ended, in the time that it is given for that. */
  async stop(id: string): Promise<void> {
    await this.#done('POST', `/containers/${id}/stop`, LONG_PATIENCE);
  }

  async start(id: string): Promise<void> {
    await this.#done('POST', `/containers/${id}/start`);
  }

  /** Unpacks a tar archive in the folder at the path. Fails with NO_SPACE, or READ_FAILED with what Docker says. */
  async put(id: string, path: string, archive: Buffer | AsyncIterable<Buffer>): Promise<void> {
    const answer = await this.#ask('PUT', `/containers/${id}/archive?path=${encodeURIComponent(path)}`, archive, LONG_PATIENCE);
    const reply = await text(answer);
    if ((answer.statusCode ?? 500) >= 300) {
      throw /no space left|quota exceeded/i.test(reply)
        ? new BackupError('NO_SPACE', 'There is no room in the volume.', 'Make room in it, then try again.')
        : refusal(`PUT ${path}`, answer.statusCode, reply);
    }
  }

  /** A container that is never started: a door to volumes, given with their paths in it. */
  async doorTo(
    volumes: Readonly<Record<string, string>>,
    image: string,
    labels: Readonly<Record<string, string>>,
    access: 'ro' | 'rw' = 'ro',
  ): Promise<string> {
    const body = {
      Image: image,
      Cmd: ['-'],
      Labels: labels,
      HostConfig: { Binds: Object.entries(volumes).map(([name, path]) => `${name}:${path}:${access}`), NetworkMode: 'none' },
    };
    return createdSchema().parse(await this.#json('POST', '/containers/create', body)).Id;
  }

  async remove(id: string): Promise<void> {
    await this.#done('DELETE', `/containers/${id}?force=1&v=1`);
  }

  /** null: there is nothing at the path. Fails with READ_FAILED where the container itself is gone. */
  async stat(id: string, path: string): Promise<PathStat | null> {
    const answer = await this.#ask('HEAD', `/containers/${id}/archive?path=${encodeURIComponent(path)}`);
    answer.resume();
    if (answer.statusCode === 404) {
      await this.#requireContainer(id);
      return null;
    }
    const header = answer.headers['x-docker-container-path-stat'];
    if (answer.statusCode !== 200 || typeof header !== 'string') {
      throw refusal(`HEAD ${path}`, answer.statusCode, '');
    }
    return statSchema().parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  }

  /** A tar archive of what lies at the path; null: there is nothing. Fails with READ_FAILED where the container itself is gone. At `until` (milliseconds since 1970) reading it fails with TakesTooLong. */
  async archive(id: string, path: string, until = Infinity): Promise<IncomingMessage | null> {
    if (Date.now() >= until) {
      throw new TakesTooLong();
    }
    const answer = await this.#ask('GET', `/containers/${id}/archive?path=${encodeURIComponent(path)}`);
    if (answer.statusCode === 404) {
      answer.resume();
      await this.#requireContainer(id);
      return null;
    }
    if (answer.statusCode !== 200) {
      throw refusal(`GET ${path}`, answer.statusCode, await text(answer));
    }
    if (until < Infinity) {
      const timer = setTimeout(() => answer.destroy(new TakesTooLong()), Math.max(0, until - Date.now()));
      answer.once('close', () => {
        clearTimeout(timer);
      });
    }
    return answer;
  }

  /** Docker answers with the same number where a file is missing and where the container is. */
  async #requireContainer(id: string): Promise<void> {
    const answer = await this.#ask('GET', `/containers/${id}/json`);
    answer.resume();
    if (answer.statusCode !== 200) {
      throw new BackupError('READ_FAILED', 'The container was removed while it was read.', 'Try again when it has been started.');
    }
  }

  async #done(method: string, path: string, patience = PATIENCE): Promise<void> {
    const answer = await this.#ask(method, path, undefined, patience);
    const reply = await text(answer);
    if ((answer.statusCode ?? 500) >= 300 && answer.statusCode !== 304) {
      throw refusal(`${method} ${path}`, answer.statusCode, reply);
    }
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#ask(method, path, body);
    const reply = await text(answer);
    if ((answer.statusCode ?? 500) >= 300 || reply.length > LARGEST) {
      throw refusal(`${method} ${path}`, answer.statusCode, reply);
    }
    return JSON.parse(reply);
  }

  /** `body`: an archive as bytes, or anything else as JSON. */
  async #ask(method: string, path: string, body?: unknown, patience = PATIENCE): Promise<IncomingMessage> {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const archive = Buffer.isBuffer(body) || isStream(body) ? body : null;
      const sent = archive === null && body !== undefined ? Buffer.from(JSON.stringify(body)) : Buffer.isBuffer(archive) ? archive : null;
      const type = archive === null ? 'application/json' : 'application/x-tar';
      const headers = body === undefined ? {} : { 'Content-Type': type, ...(sent && { 'Content-Length': sent.length }) };
      const asked = request({ socketPath: this.socket, method, path, headers: { Host: 'docker', ...headers } }, resolve);
      asked.setTimeout(patience, () => asked.destroy(new Error('no answer')));
      asked.once('error', (cause) => {
        const code = 'code' in cause ? cause.code : '';
        const message = code === 'EACCES' ? 'This user may not talk to Docker.' : 'Docker does not answer.';
        const remedy = code === 'EACCES' ? 'Add the user to the group "docker", and log in again.' : 'Start Docker, then try again.';
        reject(cause instanceof BackupError ? cause : new NoAnswer('READ_FAILED', message, remedy, { cause }));
      });
      if (sent === null && archive !== null) {
        // What goes wrong is told by the answer, or by the request's own error.
        pipeline(Readable.from(archive, { objectMode: false }), asked, () => undefined);
      } else {
        asked.end(sent ?? '');
      }
    });
  }
}

function isStream(body: unknown): body is AsyncIterable<Buffer> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function encoded(filters: Readonly<Record<string, readonly string[]>>): string {
  return encodeURIComponent(JSON.stringify(filters));
}

function refusal(what: string, status: number | undefined, reply: string): BackupError {
  const reason = /"message":"([^"]{1,300})/.exec(reply)?.[1] ?? `${what}: ${status ?? 'no status'}`;
  return new BackupError(
    'READ_FAILED',
    said`Docker refuses: ${reason.replace(/\s+/g, ' ')}`,
    'Look at the container with "docker compose ps", then try again.',
  );
}
