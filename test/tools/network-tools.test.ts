import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  createDnsLookupTool,
  createHttpCheckTool,
  createTcpConnectTool,
  createTlsCertificateTool,
  PRIVATE_NETWORKS,
} from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { runForObject } from '../support/run-tool.ts';

const anywhere = { hosts: ['*:*'], privateNetworks: PRIVATE_NETWORKS };
const httpCheck = createHttpCheckTool(anywhere);
const dnsLookup = createDnsLookupTool(anywhere);
const tcpConnect = createTcpConnectTool(anywhere);
const tlsCertificate = createTlsCertificateTool(anywhere);

function run(tool: Tool, args: object, signal = AbortSignal.timeout(10_000)): Promise<Record<string, unknown>> {
  return runForObject(tool, args, { signal });
}

function portOf(server: { address(): string | AddressInfo | null }): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

const listening = (server: Server | ReturnType<typeof createTcpServer>): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await listening(server);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('http_check', () => {
  const server = createServer((request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/moved') return void response.writeHead(302, { location: '/' }).end();
    if (request.url === '/endless') {
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
      response.on('close', () => clearInterval(timer));
      return;
    }
    response.writeHead(503, { 'content-type': 'text/plain', 'set-cookie': 'secret=1', 'retry-after': '7' });
    response.end('no pages rendered');
  });
  let url: string;
  before(async () => {
    await listening(server);
    url = `http://127.0.0.1:${portOf(server)}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('answers status, latency, some headers and the body of an unhealthy server', async () => {
    const seen = await run(httpCheck, { url });
    assert.equal(seen.reachable, true);
    assert.equal(seen.status, 503);
    assert.equal(seen.ok, false);
    assert.equal(seen.body, 'no pages rendered');
    assert.equal(typeof seen.latencyMs, 'number');
    const headers = Object(seen.headers);
    assert.equal(headers['retry-after'], '7');
    assert.equal(headers['set-cookie'], undefined);
  });

  it('does not follow a redirect, and shows where it leads', async () => {
    const seen = await run(httpCheck, { url: `${url}/moved` });
    assert.equal(seen.status, 302);
    assert.equal(Object(seen.headers).location, '/');
  });

  it('cuts a body that does not end', async () => {
    const seen = await run(httpCheck, { url: `${url}/endless` });
    assert.equal(seen.bodyCut, true);
    assert.equal(String(seen.body).length, 2_000);
  });

  it('takes a server that stays silent as a finding', async () => {
    const seen = await run(httpCheck, { url: `${url}/silent`, timeoutMs: 100 });
    assert.equal(seen.reachable, false);
    assert.equal(Object(seen.error).code, 'TIMEOUT');
  });

  it('takes a closed port and an unknown host as findings', async () => {
    const closed = await run(httpCheck, { url: `http://127.0.0.1:${await closedPort()}/` });
    assert.equal(closed.reachable, false);
    assert.equal(Object(closed.error).code, 'ECONNREFUSED');
    const unknown = await run(httpCheck, { url: 'http://nowhere.invalid/' });
    assert.equal(unknown.reachable, false);
    assert.match(String(Object(unknown.error).code), /ENOTFOUND|EAI_AGAIN/);
  });

  it('throws when the call is cancelled, at once and in flight', async () => {
    await assert.rejects(run(httpCheck, { url }, AbortSignal.abort()));
    const controller = new AbortController();
    const running = run(httpCheck, { url: `${url}/silent` }, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(running, { name: 'AbortError' });
  });

  it('refuses what is no web address', () => {
    assert.ok(!httpCheck.bind('{"url":"file:///etc/passwd"}').ok);
  });
});

describe('tcp_connect', () => {
  it('tells an open port from a closed one', async () => {
    const server = createTcpServer((socket) => socket.end());
    await listening(server);
    const port = portOf(server);
    const open = await run(tcpConnect, { host: '127.0.0.1', port });
    assert.deepEqual([open.connected, open.remoteAddress], [true, '127.0.0.1']);
    await new Promise((resolve) => server.close(resolve));
    const closed = await run(tcpConnect, { host: '127.0.0.1', port });
    assert.equal(closed.connected, false);
    assert.equal(Object(closed.error).code, 'ECONNREFUSED');
  });
});

describe('dns_lookup', () => {
  it('resolves a name as this machine does', async () => {
    const seen = await run(dnsLookup, { name: 'localhost' });
    assert.equal(seen.resolved, true);
    assert.ok(Array.isArray(seen.records) && seen.records.some((address) => /^(127\.|::1)/.test(String(address))));
  });

  it('takes a name that does not exist as a finding, with and without a record type', async () => {
    for (const type of [{}, { type: 'MX' }]) {
      const seen = await run(dnsLookup, { name: 'nowhere.invalid', timeoutMs: 2_000, ...type });
      assert.equal(seen.resolved, false);
      assert.match(
        String(Object(seen.error).code),
        /ENOTFOUND|EAI_AGAIN|ENODATA|ECONNREFUSED|ESERVFAIL|ETIMEOUT|TIMEOUT|EREFUSED/,
      );
    }
  });
});

describe('tls_certificate', { skip: hasOpenssl() ? false : 'no openssl here to make a certificate' }, () => {
  let folder: string;
  let server: Server;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=self.example.test', '-addext', 'subjectAltName=DNS:self.example.test'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
    server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
    await listening(server);
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  it('shows a self-signed certificate with its dates, and that it is not trusted', async () => {
    const seen = await run(tlsCertificate, { host: '127.0.0.1', port: portOf(server) });
    assert.equal(seen.presented, true);
    assert.equal(seen.subject, 'CN=self.example.test');
    assert.equal(seen.issuer, 'CN=self.example.test');
    assert.match(String(seen.names), /self\.example\.test/);
    assert.deepEqual([seen.selfSigned, seen.expired, seen.trusted], [true, false, false]);
    assert.match(String(seen.notTrustedBecause), /SELF_SIGNED/);
    assert.ok(Number(seen.daysLeft) >= 29 && Number(seen.daysLeft) <= 30);
    assert.ok(!Number.isNaN(Date.parse(String(seen.validTo))));
  });

  it('takes a port that speaks no TLS, and one that is closed, as findings', async () => {
    const plain = createServer((_request, response) => response.end());
    await listening(plain);
    const spoken = await run(tlsCertificate, { host: '127.0.0.1', port: portOf(plain), timeoutMs: 2_000 });
    assert.equal(spoken.presented, false);
    plain.close();
    plain.closeAllConnections();
    const closed = await run(tlsCertificate, { host: '127.0.0.1', port: await closedPort() });
    assert.equal(Object(closed.error).code, 'ECONNREFUSED');
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
