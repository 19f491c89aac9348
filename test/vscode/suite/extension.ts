/** The extension under test, and the parts of the machine that it is tested with. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Engine } from '../../../src/engine/engine';
import type { DomainOverview } from '../../../src/engine/inventory/overview';
import type { ExtensionExports } from '../../../src/extension/extension';
import type { HostStatus, ViewedHost } from '../../../src/views/hosts';
import { next } from './waiting';

/** What `run.mjs` tells of the machine. */
export function machine(): { readonly walker: string; readonly qemu100: string } {
  const walker = process.env['SIDESTEP_TEST_WALKER'];
  const qemu100 = process.env['SIDESTEP_TEST_QEMU_10'];
  assert.ok(walker !== undefined && qemu100 !== undefined);
  return { walker, qemu100 };
}

export async function activated(): Promise<ExtensionExports> {
  const extension = vscode.extensions.getExtension<ExtensionExports>('sidestep.sidestep');
  assert.ok(extension);
  return extension.activate();
}

export async function hostWithId(id: string): Promise<ViewedHost> {
  const { hosts } = await activated();
  const found = hosts.find(id);
  assert.ok(found, `there is no host ${id}`);
  return found;
}

/** As soon as the host stands like this. */
export async function whenHost<State extends HostStatus['state']>(
  host: ViewedHost,
  state: State,
): Promise<Extract<HostStatus, { state: State }>> {
  for (;;) {
    const { status } = host;
    if (isIn(status, state)) return status;
    await new Promise<void>((resolve) => {
      const listener = host.onDidChangeStatus(() => {
        listener.dispose();
        resolve();
      });
    });
  }
}

function isIn<State extends HostStatus['state']>(
  status: HostStatus,
  state: State,
): status is Extract<HostStatus, { state: State }> {
  return status.state === state;
}

/** As they are once their QEMUs answer: a machine that stalls may keep one from that for a while. */
export async function domainsOf(engine: Engine): Promise<readonly DomainOverview[]> {
  for (;;) {
    const { domains } = await engine.overview();
    if (domains.every(({ state }) => state !== 'busy')) return domains;
  }
}

/** Resolves once the extension knows of it too: VS Code may tell that later than it has written it. */
export async function set(name: string, value: unknown): Promise<void> {
  const settings = () => vscode.workspace.getConfiguration('sidestep');
  await settings().update(name, value, vscode.ConfigurationTarget.Global);
  const isThere = () => isDeepStrictEqual(settings().inspect(name)?.globalValue, value);
  while (!isThere()) await next(vscode.workspace.onDidChangeConfiguration);
}

/** This machine, with a state folder of its own for these tests. */
export class OwnState {
  folder = '';

  /** @param isPassable for domains whose QEMU runs as another user */
  static forSuite({ isPassable = false } = {}): OwnState {
    const own = new OwnState();
    before(async () => {
      // Short, for the paths of sockets are.
      own.folder = mkdtempSync(join(isPassable ? '/tmp' : tmpdir(), 's-'));
      if (isPassable) chmodSync(own.folder, 0o755);
      await set('stateFolder', join(own.folder, 'state'));
      await own.engine();
    });
    after(async () => {
      const engine = await own.engine();
      const { domains } = await engine.overview();
      for (const { domain } of domains) await engine.destroy(domain.uuid);
      await set('stateFolder', undefined);
      rmSync(own.folder, { recursive: true });
    });
    return own;
  }

  async engine(): Promise<Engine> {
    const local = await hostWithId('local');
    for (;;) {
      const { engine } = await whenHost(local, 'connected');
      if (engine.state.path === join(this.folder, 'state')) return engine;
      await new Promise<void>((resolve) => {
        const listener = local.onDidChangeStatus(() => {
          listener.dispose();
          resolve();
        });
      });
    }
  }
}
