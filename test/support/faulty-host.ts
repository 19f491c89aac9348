/** A host on which what QEMU's monitors answer comes late, or wrong. */
import { Duplex } from 'node:stream';
import type { Host } from '../../src/host/host';

export class FaultyMonitors {
  /** Of each reply and event, in ms. */
  delayMs = 0;
  /** How many replies from now on tell of an error, whatever QEMU has done. */
  falseErrors = 0;
  /** Told where a target is to listen for its guest; says where it does so instead. */
  incoming: ((path: string) => Promise<string>) | undefined;

  /** The same host, with our hand on its monitors. */
  on(host: Host): Host {
    return new Proxy(host, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name !== 'connect') {
          return (...args: unknown[]): unknown => Reflect.apply(member, target, args);
        }
        return async (...args: Parameters<Host['connect']>) =>
          this.#through(await target.connect(...args));
      },
    });
  }

  #through(stream: Duplex): Duplex {
    const through = new Duplex({
      read: () => stream.resume(),
      write: (data: Buffer, _, done) => {
        this.#redirected(data).then((told) => stream.write(told, done), done);
      },
      final: (done) => {
        stream.end(done);
      },
      destroy: (error, done) => {
        stream.destroy();
        done(error);
      },
    });
    const late = (act: () => void) => {
      if (this.delayMs === 0) act();
      else setTimeout(act, this.delayMs);
    };
    let isNegotiated = false;
    stream.on('data', (data: Buffer) => {
      const told = isNegotiated ? this.#falsified(data) : data;
      isNegotiated ||= data.includes('"return"');
      late(() => through.push(told));
    });
    stream.on('end', () => {
      late(() => through.push(null));
    });
    stream.on('error', (error) => through.destroy(error));
    stream.on('close', () => {
      late(() => through.destroy());
    });
    return through;
  }

  async #redirected(data: Buffer): Promise<Buffer> {
    const text = data.toString();
    const path = /"execute":"migrate-incoming".*"uri":"unix:([^"]*)"/.exec(text)?.[1];
    if (path === undefined || this.incoming === undefined) return data;
    return Buffer.from(text.replace(`unix:${path}`, `unix:${await this.incoming(path)}`));
  }

  #falsified(data: Buffer): Buffer {
    if (this.falseErrors === 0) return data;
    const lines = data.toString().split('\n');
    return Buffer.from(
      lines
        .map((line) => {
          const id = /^\{"return": .*"id": ("[^"]*")\}\s*$/.exec(line)?.[1];
          if (id === undefined || this.falseErrors === 0) return line;
          this.falseErrors--;
          return `{"id": ${id}, "error": {"class": "GenericError", "desc": "made up by the test"}}`;
        })
        .join('\n'),
    );
  }
}

interface MonitorFault {
  readonly name: string;
  readonly strike: (scene: { readonly monitors: FaultyMonitors }) => void;
  readonly heal: MonitorFault['strike'];
}

/** What may befall them. */
export const monitorFaults: readonly MonitorFault[] = [
  {
    name: 'replies 500 ms late',
    strike: ({ monitors }) => {
      monitors.delayMs = 500;
    },
    heal: ({ monitors }) => {
      monitors.delayMs = 0;
    },
  },
  {
    name: 'a command answered with an error',
    strike: ({ monitors }) => {
      monitors.falseErrors = 1;
    },
    heal: ({ monitors }) => {
      monitors.falseErrors = 0;
    },
  },
];
