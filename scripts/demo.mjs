/* global AbortController, AbortSignal */
/**
 * The demo: a Linux guest goes from QEMU 7.2 to QEMU 10.0 on this machine while it runs, and once
 * more from 10.0 to 10.0. What it prints with a tick it has checked, by asking at the VM's own
 * addresses as any user of the VM would.
 */
import { rmSync } from 'node:fs';
import { httpBody, qemuVersion, vncProtocol } from './demo/answers.mjs';
import { counterLine, lag, SerialConsole } from './demo/serial-console.mjs';
import { build, runSidestep } from './demo/sidestep.mjs';
import { claim, fail, heading, remark, say, showWaiting } from './demo/terminal.mjs';
import { readTrace, summarize } from './demo/trace.mjs';
import { prepareVm } from './demo/vm.mjs';
import { cacheFolder, qemu100, qemu72 } from './setup/cache.mjs';

/** How many lines of the guest's counter, one each 0.1 s, are read before and after a migration. */
const linesRead = 15;
const linesTimeoutMs = 20_000;
const bootTimeoutMs = 120_000;

/** How far the guest's clock may disagree with QEMU about the downtime. */
const clockToleranceMs = 250;

/** @typedef {import('./demo/vm.mjs').Vm} Vm */

const interrupted = new AbortController();

async function main() {
  heading('A Linux guest moves from QEMU 7.2 to QEMU 10.0, and does not notice');
  await build();
  const vm = await prepareVm();
  remark(`Its files and Sidestep's state lie in $D = ${vm.folder} until the end,`);
  remark(`the guest's kernel and the second QEMU in $CACHE = ${cacheFolder}.`);
  const serial = new SerialConsole(vm.serial);
  try {
    await startGuest(vm, serial);
    const traces = [
      await moveGuest(vm, serial, 'Live migration to QEMU 10.0', '7.2-to-10.0'),
      await moveGuest(vm, serial, 'Once more, from QEMU 10.0 to QEMU 10.0', '10.0-to-10.0'),
    ];
    await endGuest(vm);
    say();
    say('The traces are left in this folder: every phase, and every QMP message of both sides.');
    for (const file of traces) say(`  node dist/cli.js trace ${file}`);
  } finally {
    serial.close();
    vm.remove();
  }
}

async function startGuest(/** @type {Vm} */ vm, /** @type {SerialConsole} */ serial) {
  heading('A VM on QEMU 7.2');
  await sidestep(vm, 'start', vm.name, '--emulator', qemu72, '--', ...vm.arguments);
  const start = Date.now();
  await showWaiting('booting Linux, 3 to 7 s under TCG', () =>
    readLines(serial, { count: 1, timeoutMs: bootTimeoutMs }),
  );
  say(`  booted in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  await claimAddresses(vm, /^7\.2\./);
  const { text } = last(await readLines(serial, { count: linesRead }));
  claim(true, 'serial socket', `$D/serial.sock: ${text}`);
}

/**
 * @param {Vm} vm
 * @param {SerialConsole} serial
 * @param {string} title
 * @param {string} traceName
 * @returns {Promise<string>} the trace's file, in the current folder
 */
async function moveGuest(vm, serial, title, traceName) {
  heading(title);
  const trace = `demo-${traceName}.sidestep-trace`;
  rmSync(trace, { force: true });
  const connection = serial.connections;
  const before = await readLines(serial, { connection, count: linesRead });
  const migrate = ['migrate', '--live', '--local', vm.name];
  await sidestep(vm, ...migrate, '--emulator', qemu100, '--trace', trace);

  const after = await readLines(serial, { connection: connection + 1, count: linesRead });
  await claimAddresses(vm, /^10\.0\./);
  const [left, met] = [last(before).tick, last(after).tick];
  claim(met > left, 'serial socket', `$D/serial.sock: tick ${left} before, now tick ${met}`);
  const { outcome, downtimeMs } = summarize(readTrace(trace));
  claim(
    outcome === 'moved' && downtimeMs > 0,
    'downtime',
    `${downtimeMs.toFixed(1)} ms from STOP at the source to RESUME at the target`,
  );
  const lostMs = (lag(after) - lag(before.slice(-linesRead))) * 1000;
  claim(
    Math.abs(lostMs - downtimeMs) < clockToleranceMs,
    "guest's clock",
    `stood still for ${Math.max(0, lostMs).toFixed(0)} ms against this host's, and went on`,
  );
  return trace;
}

/** The VM is to be had at each of its addresses, and this QEMU runs it. */
async function claimAddresses(/** @type {Vm} */ vm, /** @type {RegExp} */ expectedVersion) {
  const { vncPort, forwardedPort } = vm;
  await claimAnswer('QMP socket', '$D/qmp.sock: QEMU', qemuVersion(vm.qmp), expectedVersion);
  await claimAnswer('VNC port', `127.0.0.1:${vncPort}:`, vncProtocol(vncPort), /^RFB /);
  const url = `http://127.0.0.1:${forwardedPort}/:`;
  await claimAnswer('forwarded port', url, httpBody(forwardedPort), counterLine);
}

/**
 * @param {string} what
 * @param {string} address
 * @param {Promise<string>} asked
 * @param {RegExp} expected
 */
async function claimAnswer(what, address, asked, expected) {
  const answer = await asked.catch((error) => String(error));
  claim(expected.test(answer), what, `${address} ${answer}`);
}

/** The guest's whole life, as it has written it down itself. */
async function endGuest(/** @type {Vm} */ vm) {
  heading('The guest ends');
  await sidestep(vm, 'destroy', vm.name, '--yes');
  const onSerial = ticksIn(vm.readSerialLog());
  claim(
    isGapless(onSerial, 1),
    'serial console',
    `ticks 1 to ${onSerial.at(-1)}, none missing and none twice: it was never started anew`,
  );
  const onDisk = ticksIn(vm.readTicksOnDisk());
  claim(
    isGapless(onDisk, 10) && (onDisk.at(-1) ?? 0) > (onSerial.at(-1) ?? 0) - 20,
    'disk',
    `ticks 10 to ${onDisk.at(-1)}, of which it was to write each tenth: all there`,
  );
  const left = [...vm.processes().map((pid) => `process ${pid}`), ...vm.ramFiles()];
  claim(left.length === 0, 'left behind', left.join(', ') || 'no process, no memory');
}

function ticksIn(/** @type {string} */ text) {
  return text.split('\n').flatMap((line) => {
    const tick = counterLine.exec(line)?.[1];
    return tick === undefined ? [] : [Number(tick)];
  });
}

/**
 * @param {readonly number[]} ticks
 * @param {number} step
 */
function isGapless(ticks, step) {
  return ticks.length > 0 && ticks.every((tick, index) => tick === (index + 1) * step);
}

function sidestep(/** @type {Vm} */ vm, /** @type {string[]} */ ...args) {
  const shorten = (/** @type {string} */ text) =>
    text.replaceAll(vm.folder, '$D').replaceAll(cacheFolder, '$CACHE');
  return runSidestep(['--state-dir', vm.stateFolder, ...args], shorten, interrupted.signal);
}

/**
 * @param {SerialConsole} serial
 * @param {{ count: number; connection?: number; timeoutMs?: number }} wanted
 */
async function readLines(serial, { count, connection = 1, timeoutMs = linesTimeoutMs }) {
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort();
  }, timeoutMs);
  const signal = AbortSignal.any([interrupted.signal, timeout.signal]);
  try {
    return await serial.read({ count, connection, signal });
  } catch (error) {
    if (!timeout.signal.aborted) throw error;
    throw new Error(`The guest is silent on its serial socket for ${timeoutMs / 1000} s.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @template Item
 * @param {readonly Item[]} items at least one
 */
function last(items) {
  return /** @type {Item} */ (items.at(-1));
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)));
}

try {
  await main();
} catch (error) {
  // Whatever was under way fails when it is interrupted: that is the reason then.
  fail(interrupted.signal.aborted ? interrupted.signal.reason : error);
  process.exitCode = 1;
}
