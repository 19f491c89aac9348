import assert from 'node:assert/strict';
import { HostLink, type Told } from '../../../src/views/timeline/messages/host-link';
import type { FromPage } from '../../../src/views/timeline/protocol';
import { header } from './traces';

function open() {
  const posted: FromPage[] = [];
  const told: Told[] = [];
  const link = new HostLink(
    (message) => posted.push(message),
    (message) => told.push(message),
  );
  return { posted, told, link };
}

describe("the page's end of the talk with its host side", () => {
  it('tells what the host side tells', () => {
    const { link, told } = open();
    const message = { type: 'append', records: [header] };
    link.hear(message);
    assert.deepEqual(told, [message]);
  });

  it('resolves a request when it was done, and rejects one that failed', async () => {
    const { link, posted } = open();
    const copied = link.ask({ type: 'copy', text: 'a' });
    const sent = link.ask({ type: 'send-again', command: '{}' });
    assert.deepEqual(
      posted.map((message) => ('request' in message ? message.request : undefined)),
      [1, 2],
    );
    link.hear({ type: 'failed', request: 2, message: 'The console is gone.' });
    link.hear({ type: 'done', request: 1 });
    await copied;
    await assert.rejects(sent, { message: 'The console is gone.' });
  });

  it('reports a message that is none, and goes on', () => {
    const { link, posted, told } = open();
    for (const message of [undefined, 'x', { type: 'append', records: [{ type: 'nonsense' }] }])
      link.hear(message);
    assert.deepEqual(told, []);
    assert.deepEqual(
      posted.map(({ type }) => type),
      ['page-error', 'page-error', 'page-error'],
    );
  });

  it('is not led astray by answers to what was not asked', () => {
    const { link, posted, told } = open();
    link.hear({ type: 'done', request: 7 });
    link.hear({ type: 'failed', request: 8, message: 'no' });
    assert.deepEqual([posted, told], [[], []]);
  });
});
