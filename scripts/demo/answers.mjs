/** What answers at the VM's addresses, asked as any user of the VM would. */
import { request } from 'node:http';
import { connect } from 'node:net';

const timeoutMs = 5_000;

/**
 * The first bytes that whoever listens there says unasked.
 * @param {import('node:net').NetConnectOpts} address
 * @param {string} end what they end with
 * @returns {Promise<string>}
 */
function greeting(address, end) {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(address);
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('it says nothing')));
    socket.on('data', (/** @type {string} */ data) => {
      text += data;
      if (!text.includes(end)) return;
      resolve(text.slice(0, text.indexOf(end)));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it hung up')));
  });
}

/** The version of the QEMU whose QMP monitor greets there: `7.2.22`. */
export async function qemuVersion(/** @type {string} */ path) {
  const { QMP } = JSON.parse(await greeting({ path }, '\n'));
  const { major, minor, micro } = QMP.version.qemu;
  return `${major}.${minor}.${micro}`;
}

/** The protocol that a VNC server on this port greets with: `RFB 003.008`. */
export function vncProtocol(/** @type {number} */ port) {
  return greeting({ host: '127.0.0.1', port }, '\n');
}

/**
 * What the guest's web server says.
 * @param {number} port
 * @returns {Promise<string>}
 */
export function httpBody(port) {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, agent: false, timeout: timeoutMs },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (/** @type {string} */ data) => (text += data));
        reply.on('end', () => resolve(text.trim()));
        reply.on('error', reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('it does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}
