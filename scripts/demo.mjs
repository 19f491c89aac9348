/* global AbortController */
/**
 * The demo: a Linux guest goes from QEMU 7.2 to QEMU 10.0 on this machine while it runs, and once
 * more from 10.0 to 10.0. All that it prints with a tick it has checked, by asking at the VM's own
 * addresses as any user of the VM would.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { httpBody, qemuVersion, vncProtocol } from './demo/answers.mjs';
import { counterLine, lag, SerialConsole } from './demo/serial-console.mjs';
import { build, Sidestep } from './demo/sidestep.mjs';
import { claim, DemoFailure, heading, remark, say, showWaiting } from './demo/terminal.mjs';
import { downtimeMs, readTrace } from './demo/trace.mjs';
import { prepareVm, Vm } from './demo/vm.mjs';
import { qemu100, qemu72 } from './setup/cache.mjs';

/** How many lines of the counter, of 0.1 s each, are read before and after a migration. */
const linesRead = 15;
const bootTimeoutMs = 120_000;
const answerTimeoutMs = 10_000;

/** How far the guest's clock may be off what QEMU says of the downtime: its uptime has 10 ms steps. */
const clockToleranceMs = 250;

const interrupted = new AbortController();
const within = (/** @type {number} */ ms) =>
  AbortSignal.any([interrupted.signal, AbortSignal.timeout(ms)]);

/** Shows that the VM is to be had at each of its addresses, and which QEMU runs it. */
async function showAddresses(/** @type {Vm} */ vm, /** @type {SerialConsole} */ console) {
  const version = await qemuVersion(vm.qmp);
  claim(true, 'QMP socket', `QEMU ${version}`);
  const line = console.latest;
  claim(line !== undefined, 'serial socket', `tick ${line?.tick}, uptime ${line?.uptime} s`);
  const vnc = await vncProtocol(vm.vncPort);
  claim(vnc.startsWith('RFB '), 'VNC port', `127.0.0.1:${vm.vncPort} says ${vnc}`);
  const body = await httpBody(vm.forwardedPort);
  claim(counterLine.test(body), 'forwarded port', `http://127.0.0.1:${vm.forwardedPort}/ says ${body}`);
  return version;
}
