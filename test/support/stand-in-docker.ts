// A Docker that is none: it answers on a socket what a test wants, and remembers what it was asked.
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { newFolder } from './folder';

export interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export class StandInDocker {
  /** `METHOD /path`, without what follows a question mark. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly folder: { readonly path: string; remove(): void },
  ) {}

  /** `answer` sees the method and the whole path; undefined: 404. */
  static async start(answer: (method: string, path: string) => Answer | undefined | Promise<Answer | undefined>): Promise<StandInDocker> {
    const folder = newFolder('no-docker');
    const server = createServer((request, response) => {
      const [method = '', path = ''] = [request.method, request.url];
      docker.asked.push(`${method} ${path.split('?')[0] ?? ''}`);
      void Promise.resolve(answer(method, path)).then((given) => {
        const { status, body = '', headers = {} } = given ?? { status: 404 };
        response.writeHead(status, headers).end(body);
      });
    });
    const docker = new StandInDocker(server, folder);
    await new Promise<void>((done) => server.listen(docker.socket, done));
    return docker;
  }

  get socket(): string {
    return join(this.folder.path, 'docker.sock');
  }

  async remove(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    this.folder.remove();
  }
}
