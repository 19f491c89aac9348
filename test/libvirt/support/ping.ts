/** Counts what a guest answers while something happens to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Pings {
  readonly sent: number;
  readonly received: number;
}

/** Pings five times a second, from when the first answer has come until `end` is called. */
export async function startPing(address: string): Promise<{ end(): Promise<Pings> }> {
  const child = spawn('ping', ['-i', '0.2', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const output = text(child.stdout);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      if (data.includes('bytes from')) resolve();
    });
    void exit.then(() => {
      reject(new Error(`ping ${address} got no answer`));
    });
  });
  return {
    async end() {
      child.kill('SIGINT');
      await exit;
      const answers = [...(await output).matchAll(/icmp_seq=(\d+) ttl/g)];
      const received = new Set(answers.map(([, number]) => Number(number)));
      // What was sent behind the last one that was answered may be on its way.
      return { sent: Math.max(...received), received: received.size };
    },
  };
}
