import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openLocalHost } from '../../../src/host/local';
import { QmpClient } from '../../../src/qemu/qmp/client';
import { answeringWhetherSure, messageOf } from './answers';
import { domainsOf, OwnState, set } from './extension';
import { startWalker, type WalkerNode } from './walker';

describe('Shut Down and Destroy', () => {
  const own = OwnState.forSuite();
  let walker: WalkerNode;
  let socket: string;

  beforeEach(async () => {
    socket = join(own.folder, 'user.qmp');
    walker = await startWalker(own, 'walker', ['-qmp', `unix:${socket},server=on,wait=off`]);
  });

  afterEach(async () => {
    await set('stop.timeout', undefined);
    const engine = await own.engine();
    for (const { domain } of (await engine.overview()).domains) await engine.destroy(domain.uuid);
  });

  it('shut down asks the guest, and the domain is gone when that has ended', async () => {
    await withMonitor(async (client) => {
      const asked = client.waitForEvent('POWERDOWN');
      const stopping = run('sidestep.stop');
      await asked;
      // The walker does not listen to ACPI: QEMU ends in its place.
      await client.execute('quit');
      await stopping;
    });
    assert.deepEqual(await states(), []);
  });

  it('shut down says so when the guest does not listen, and leaves it running', async () => {
    await set('stop.timeout', 1);
    const [message] = await messageOf('showErrorMessage', () => run('sidestep.stop'));
    assert.match(
      String(message),
      /has not shut down within 1 s.*"Destroy" ends it without asking the guest\. \[STILL_RUNNING\]$/,
    );
    assert.deepEqual(await states(), ['running']);
  });

  it('shut down is not waited for any longer when the user cancels that', async () => {
    await withMonitor(async (client) => {
      const asked = client.waitForEvent('POWERDOWN');
      await cancelling(asked, () => run('sidestep.stop'));
    });
    // Nothing holds it any more.
    assert.deepEqual(await states(), ['running']);
    await run('sidestep.pause');
    assert.deepEqual(await states(), ['paused']);
  });

  it('destroy asks in a modal dialog, for a paused one as well, and does nothing without', async () => {
    await run('sidestep.pause');
    const ask = (answer?: string) => answeringWhetherSure(answer, () => run('sidestep.destroy'));
    const [asked] = await ask();
    const { modal, detail } = asked?.[1] as vscode.MessageOptions;
    assert.equal(modal, true);
    assert.match(detail ?? '', /not written to its disks is lost/);
    assert.deepEqual(await states(), ['paused']);
    await ask('Destroy');
    assert.deepEqual(await states(), []);
  });

  it('pausing one that is gone says so', async () => {
    await withMonitor((client) => client.execute('quit'));
    const [message] = await messageOf('showErrorMessage', () => run('sidestep.pause'));
    assert.match(String(message), /^(?!Sidestep has failed).*\[[A-Z_]+\]$/);
    // What is left of it is destroyed.
    await answeringWhetherSure('Destroy', () => run('sidestep.destroy'));
    assert.deepEqual(await states(), []);
  });

  function run(command: string): Thenable<unknown> {
    return vscode.commands.executeCommand(command, walker);
  }

  async function states(): Promise<string[]> {
    return (await domainsOf(await own.engine())).map(({ state }) => state);
  }

  async function withMonitor(use: (client: QmpClient) => Promise<unknown>): Promise<void> {
    const host = openLocalHost();
    try {
      const stream = await host.connect({ unix: socket });
      const client = await QmpClient.open(stream, { now: () => host.now(), origin: 'test' });
      await use(client);
      client.close();
    } finally {
      await host.dispose();
    }
  }
});

/** Runs a command, and presses Cancel in its notification once something has come. */
async function cancelling(when: Promise<unknown>, run: () => Thenable<unknown>): Promise<void> {
  const { window } = vscode;
  const original = Object.getOwnPropertyDescriptor(window, 'withProgress');
  assert.ok(original);
  const user = new vscode.CancellationTokenSource();
  const { withProgress } = window;
  Object.defineProperty(window, 'withProgress', {
    ...original,
    value: (options: vscode.ProgressOptions, task: Parameters<typeof withProgress>[1]) => {
      assert.equal(options.cancellable, true);
      return withProgress(options, (progress) => task(progress, user.token));
    },
  });
  try {
    const running = run();
    await when;
    user.cancel();
    await running;
  } finally {
    Object.defineProperty(window, 'withProgress', original);
    user.dispose();
  }
}
