import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import { HostLink, type OpenOptions } from '../../src/extension/hosts/host-link';
import { HostError } from '../../src/host/errors';

/** What `open` was asked, to be answered by the test. */
interface Asked extends OpenOptions {
  readonly succeed: () => Opened;
  readonly fail: (error: unknown) => void;
}
interface Opened {
  readonly engine: Engine;
  readonly lose: (error: unknown) => void;
  readonly isClosed: () => boolean;
}

const lostConnection = new HostError('DISCONNECTED', 'The connection is gone.');
const wrongPassword = new HostError('PERMISSION_DENIED', 'Wrong password.');

describe('the way to a host', () => {
  it('is connected once, whoever asks', async () => {
    const { link, asked, states } = setUp();
    const both = [link.connect({ mayAsk: true }), link.connect({ mayAsk: true })];
    const { engine } = (await asked(0)).succeed();
    assert.deepEqual(await Promise.all(both), [engine, engine]);
    assert.equal(await link.connect({ mayAsk: true }), engine);
    assert.deepEqual(states, ['connecting', 'connected']);
  });

  it('says why it is not connected, and can be tried again', async () => {
    const { link, asked, states } = setUp();
    const first = link.connect({ mayAsk: true });
    (await asked(0)).fail(wrongPassword);
    await assert.rejects(first, wrongPassword);
    assert.deepEqual(link.status, { state: 'failed', error: wrongPassword });
    const second = link.connect({ mayAsk: true });
    (await asked(1)).succeed();
    await second;
    assert.deepEqual(states, ['connecting', 'failed', 'connecting', 'connected']);
  });

  it('is cancelled: nothing stays open, and that is no failure', async () => {
    const { link, asked, states } = setUp();
    const abort = new AbortController();
    const connecting = link.connect({ mayAsk: true, signal: abort.signal });
    const { signal, succeed } = await asked(0);
    abort.abort(new Error('cancelled'));
    assert.ok(signal.aborted);
    const opened = succeed();
    await assert.rejects(connecting, /cancelled/);
    assert.ok(opened.isClosed());
    assert.deepEqual(states, ['connecting', 'disconnected']);
  });

  it('asks after all when a try that asks nothing was joined, and has failed', async () => {
    const { link, asked, states } = setUp();
    const silent = link.connect({ mayAsk: false });
    const byUser = link.connect({ mayAsk: true });
    const first = await asked(0);
    assert.equal(first.mayAsk, false);
    first.fail(wrongPassword);
    await assert.rejects(silent, wrongPassword);
    const second = await asked(1);
    assert.equal(second.mayAsk, true);
    const { engine } = second.succeed();
    assert.equal(await byUser, engine);
    assert.deepEqual(states, ['connecting', 'failed', 'connecting', 'connected']);
  });

  it('asks nothing any more when a try that was joined is cancelled', async () => {
    const { link, asked, states } = setUp();
    const silent = link.connect({ mayAsk: false });
    const abort = new AbortController();
    const byUser = link.connect({ mayAsk: true, signal: abort.signal });
    const { fail } = await asked(0);
    abort.abort();
    fail(wrongPassword);
    await Promise.all([assert.rejects(silent), assert.rejects(byUser)]);
    assert.deepEqual(states, ['connecting', 'disconnected']);
  });

  it('comes back by itself when it is lost, and asks nothing', async () => {
    const { link, asked, states, waits } = setUp();
    const connecting = link.connect({ mayAsk: true });
    const first = (await asked(0)).succeed();
    await connecting;
    first.lose(lostConnection);
    const tries = [await asked(1)];
    assert.ok(first.isClosed());
    tries[0]?.fail(lostConnection);
    tries.push(await asked(2));
    assert.deepEqual(link.status, { state: 'reconnecting', attempt: 2, error: lostConnection });
    const { engine } = tries[1]?.succeed() ?? assert.fail();
    await new Promise(setImmediate);
    assert.equal(await link.connect({ mayAsk: true }), engine);
    assert.ok(tries.every(({ mayAsk }) => !mayAsk));
    assert.deepEqual(waits, [1, 2]);
    assert.deepEqual(states.slice(2), ['reconnecting', 'reconnecting', 'connected']);
  });

  it('does not come back from what the user has to mend', async () => {
    const { link, asked } = setUp();
    const connecting = link.connect({ mayAsk: true });
    const first = (await asked(0)).succeed();
    await connecting;
    first.lose(lostConnection);
    (await asked(1)).fail(wrongPassword);
    await new Promise(setImmediate);
    assert.deepEqual(link.status, { state: 'failed', error: wrongPassword });
  });

  it('is ended by the user while it comes back', async () => {
    const { link, asked, states } = setUp();
    const connecting = link.connect({ mayAsk: true });
    const first = (await asked(0)).succeed();
    await connecting;
    first.lose(lostConnection);
    const { signal, fail } = await asked(1);
    const ended = link.disconnect();
    assert.ok(signal.aborted);
    fail(lostConnection);
    await ended;
    assert.equal(states.at(-1), 'disconnected');
  });

  it('closes what it has, and does not take that for a loss', async () => {
    const { link, asked, states } = setUp();
    const connecting = link.connect({ mayAsk: true });
    const opened = (await asked(0)).succeed();
    await connecting;
    await link.disconnect();
    assert.ok(opened.isClosed());
    opened.lose(lostConnection);
    await new Promise(setImmediate);
    assert.deepEqual(states, ['connecting', 'connected', 'disconnected']);
  });
});

function setUp() {
  const states: string[] = [];
  const waits: number[] = [];
  const questions: Asked[] = [];
  let onAsked = (): void => undefined;
  const link = new HostLink({
    onStatus: ({ state }) => states.push(state),
    mayPass: (error) => error === lostConnection,
    backOffMs: (attempt) => {
      waits.push(attempt);
      return 0;
    },
    open: (options) =>
      new Promise((resolve, reject) => {
        questions.push({
          ...options,
          fail: reject,
          succeed() {
            let isClosed = false;
            let lose: (error: unknown) => void = () => undefined;
            const lost = new Promise<unknown>((told) => (lose = told));
            // Only told apart from others, never called.
            const engine = Object.create(Engine.prototype) as Engine;
            const close = () => {
              isClosed = true;
              return Promise.resolve();
            };
            resolve({ engine, lost, close });
            return { engine, lose, isClosed: () => isClosed };
          },
        });
        onAsked();
      }),
  });
  /** The n-th question, as soon as it is asked. */
  const asked = async (index: number): Promise<Asked> => {
    while (questions.length <= index) await new Promise<void>((resolve) => (onAsked = resolve));
    return questions[index] ?? assert.fail();
  };
  return { link, asked, states, waits };
}
