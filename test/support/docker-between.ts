// A socket between a run and Docker: requests are counted from the first that stops a container, and at one of them something happens.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rmSync } from 'node:fs';

/** What happens at that request: `before` Docker hears of it, or `after` it has done what was asked and before that is told. */
export interface Aim {
  readonly at: number | ((method: string, url: string) => boolean);
  readonly when: 'before' | 'after';
  readonly deed: () => void | Promise<void>;
  /** Nobody is there any more to be answered. */
  readonly isEnd: boolean;
  /** Requests are counted from the first one on, not only from the first that stops a container. */
  readonly isFromStart?: boolean;
}

export class DockerBetween {
  readonly seen: string[] = [];
  #aim: Aim | null = null;
  #isCounting = false;
  #isAway = false;

  private constructor(
    private readonly server: Server,
    private readonly real: string,
    readonly socket: string,
  ) {}

  static async start(real: string, socket: string): Promise<DockerBetween> {
    const server = createServer();
    const between = new DockerBetween(server, real, socket);
    server.on('request', (asked, answer) => {
      void between.#pass(asked, answer).catch(() => asked.socket.destroy());
    });
    await new Promise<void>((done) => server.listen(socket, done));
    return between;
  }

  /** Counts anew. */
  aim(aim: Aim | null): void {
    this.#aim = aim;
    this.#isCounting = aim?.isFromStart === true;
    this.seen.length = 0;
  }

  /** From now on nobody answers here, or again somebody does. */
  set isAway(isAway: boolean) {
    this.#isAway = isAway;
    if (isAway) {
      this.server.closeAllConnections();
    }
  }

  async remove(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    rmSync(this.socket, { force: true });
  }

  #aimedAt(method: string, url: string): Aim | null {
    const { at } = this.#aim ?? {};
    const isIt = typeof at === 'function' ? at(method, url) : this.#isCounting && at === this.seen.length;
    return isIt ? this.#aim : null;
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = asked;
    this.#isCounting ||= method === 'POST' && url.endsWith('/stop');
    if (this.#isCounting) {
      this.seen.push(`${method} ${url}`);
    }
    const aim = this.#aimedAt(method, url);
    if (aim?.when === 'before') {
      await aim.deed();
    }
    if (this.#isAway || (aim?.when === 'before' && aim.isEnd)) {
      asked.socket.destroy();
      return;
    }
    const passed = request({ socketPath: this.real, method, path: url, headers }, (got) => {
      const give = (): void => {
        answer.writeHead(got.statusCode ?? 500, got.headers);
        got.pipe(answer);
      };
      if (aim?.when === 'after') {
        void Promise.resolve(aim.deed()).then(give);
      } else {
        give();
      }
    });
    passed.on('error', () => asked.socket.destroy());
    // Whoever has read enough goes: Docker keeps the container locked for as long as it sends.
    answer.on('close', () => passed.destroy());
    asked.on('error', () => passed.destroy());
    asked.pipe(passed);
  }
}
