/** A host on which what QEMU's monitors answer comes late, or wrong. */
import { Duplex } from 'node:stream';
import type { Host } from '../../src/host/host';

export class FaultyMonitors {
  /** Of each reply and event, in ms. */
  delayMs = 0;
  /** How many replies from now on tell of an error, whatever QEMU has done. */
  falseErrors = 0;

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
        stream.write(data, done);
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
