import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { QmpClient, type TappedMessage } from '../../src/qemu/qmp/client';
import { QmpError } from '../../src/qemu/qmp/errors';
import { JsonSplitter } from '../../src/qemu/qmp/framing';
import { failingOnlyAs, fuzz } from './fuzz';
import { hostileChunks, hostileJson } from './inputs';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": ["oob"]}}\r\n';
const messages = [
  '{"return": {}, "id": "sidestep-1"}\r\n',
  '{"return": {"status": "é", "running": true}, "id": "sidestep-2"}\r\n',
  '{"id": "sidestep-2", "error": {"class": "GenericError", "desc": "no"}}\r\n',
  '{"id": "sidestep-9", "return": []}\r\n{"return": 1, "id": 3}\r\n',
  '{"timestamp": {"seconds": 1700000000, "microseconds": 5}, "event": "STOP"}\r\n',
];

/** What comes of a monitor that says this: everything that was heard, and how it ended. */
async function converse(chunks: readonly Buffer[]): Promise<TappedMessage[]> {
  const [ours, theirs] = duplexPair();
  const heard: TappedMessage[] = [];
  const tap = (message: TappedMessage): void => void heard.push(message);
  theirs.on('error', () => undefined).resume();
  for (const chunk of chunks) theirs.write(chunk);
  theirs.end();
  const only = (error: unknown): void => {
    if (!(error instanceof QmpError)) throw error;
  };
  await QmpClient.open(ours, { now: () => 1, tap, greetingTimeoutMs: 5_000 }).then(
    async (client) => {
      await Promise.all([
        client.execute('query-status').catch(only),
        client.waitForEvent('STOP').catch(only),
      ]);
      client.close();
      only(await client.closed);
    },
    only,
  );
  return heard;
}

describe('the QMP byte stream, fuzzed', () => {
  const streams = hostileChunks(...messages, greeting + messages.join(''));

  fuzz('is cut into messages, or refused', streams, (chunks) => {
    const splitter = new JsonSplitter(100_000);
    failingOnlyAs([QmpError], () => {
      for (const chunk of chunks)
        for (const { bytes } of splitter.push(chunk)) assert.ok(bytes <= 100_000);
    });
  });

  fuzz(
    'is heard to its end by a client, whose every wait ends',
    fc.tuple(fc.boolean(), streams),
    async ([isGreeted, chunks]) => {
      const heard = await converse([...(isGreeted ? [Buffer.from(greeting)] : []), ...chunks]);
      // It becomes a trace, which is to be read again.
      for (const { at, eventAt = 0 } of heard) assert.ok(Number.isFinite(at + eventAt));
    },
    300,
  );

  fuzz('may hold any JSON', hostileJson, async (json) => {
    const chunks = [greeting, `{"id": "sidestep-2", "return": ${json}}`].map((text) =>
      Buffer.from(text),
    );
    for (const { message } of await converse(chunks)) JSON.stringify(message);
  });
});
